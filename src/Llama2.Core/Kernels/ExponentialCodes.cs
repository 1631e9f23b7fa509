using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// Stores the exponentials of a tile of rows as 16-bit integers, each multiplied by the scale of the value at its position. The scale of a row's integers is the
/// smallest scale for which every integer is at most 32,767 and the sum of the integers is at most 2¹⁸, so that the small exponentials of a block are rounded
/// as little as possible.
/// </summary>
internal static class ExponentialCodes
{
    /// <summary>Computes the integers and their scales.</summary>
    /// <param name="exponentials">The exponentials, [rows][<see cref="Attention.BlockLength"/> positions]; multiplied by the scales of the values.</param>
    /// <param name="valueScales">The scales of the values at the positions.</param>
    /// <param name="codes">Receives the integers, [rows][positions].</param>
    /// <param name="scales">Receives the scale of each row's integers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(Span<float> exponentials, ReadOnlySpan<float> valueScales, Span<short> codes, Span<float> scales)
    {
        ref float x = ref MemoryMarshal.GetReference(exponentials);
        ref float valueScale = ref MemoryMarshal.GetReference(valueScales);
        for (int row = 0; row < scales.Length; row++)
        {
            scales[row] = Multiply(ref Unsafe.Add(ref x, row * Attention.BlockLength), ref valueScale);
        }

        ref short code = ref MemoryMarshal.GetReference(codes);
        for (int row = 0; row < scales.Length; row++)
        {
            Round(ref Unsafe.Add(ref x, row * Attention.BlockLength), AttentionCodes.Reciprocal(scales[row]), ref Unsafe.Add(ref code, row * Attention.BlockLength));
        }
    }

    // Multiplies a row's exponentials by the scales of the values; returns the scale with which the products become integers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Multiply(ref float x, ref float valueScales)
    {
        Vector128<float> largest, sum;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> wideLargest = Vector512<float>.Zero, wideSum = Vector512<float>.Zero;
            for (int i = 0; i < Attention.BlockLength; i += Vector512<float>.Count)
            {
                Vector512<float> product = Vector512.LoadUnsafe(ref x, (nuint)i) * Vector512.LoadUnsafe(ref valueScales, (nuint)i);
                product.StoreUnsafe(ref x, (nuint)i);
                wideLargest = Vector512.MaxNative(wideLargest, product);
                wideSum += product;
            }

            Vector256<float> halfLargest = Vector256.MaxNative(wideLargest.GetLower(), wideLargest.GetUpper()), halfSum = wideSum.GetLower() + wideSum.GetUpper();
            largest = Vector128.MaxNative(halfLargest.GetLower(), halfLargest.GetUpper());
            sum = halfSum.GetLower() + halfSum.GetUpper();
        }
        else
        {
            largest = sum = Vector128<float>.Zero;
            for (int i = 0; i < Attention.BlockLength; i += Vector128<float>.Count)
            {
                Vector128<float> product = Vector128.LoadUnsafe(ref x, (nuint)i) * Vector128.LoadUnsafe(ref valueScales, (nuint)i);
                product.StoreUnsafe(ref x, (nuint)i);
                largest = Vector128.MaxNative(largest, product);
                sum += product;
            }
        }

        largest = Vector128.MaxNative(largest, Vector128.Shuffle(largest, Vector128.Create(2, 3, 0, 1)));
        largest = Vector128.MaxNative(largest, Vector128.Shuffle(largest, Vector128.Create(1, 0, 3, 2)));
        return AttentionCodes.ExponentialScale(largest.ToScalar(), Vector128.Sum(sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref float x, float factor, ref short codes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            for (int i = 0; i < Attention.BlockLength; i += Vector512<short>.Count)
            {
                Vector512<int> lower = AttentionCodes.Round(Vector512.LoadUnsafe(ref x, (nuint)i), factor);
                Vector512<int> upper = AttentionCodes.Round(Vector512.LoadUnsafe(ref x, (nuint)(i + Vector512<float>.Count)), factor);
                Vector512.Narrow(lower, upper).StoreUnsafe(ref codes, (nuint)i);
            }

            return;
        }

        for (int i = 0; i < Attention.BlockLength; i += Vector128<short>.Count)
        {
            Vector128<int> lower = AttentionCodes.Round(Vector128.LoadUnsafe(ref x, (nuint)i), factor);
            Vector128<int> upper = AttentionCodes.Round(Vector128.LoadUnsafe(ref x, (nuint)(i + Vector128<float>.Count)), factor);
            Vector128.Narrow(lower, upper).StoreUnsafe(ref codes, (nuint)i);
        }
    }
}
