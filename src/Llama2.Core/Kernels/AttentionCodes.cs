using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// The 16-bit integers that <see cref="IntegerAttention{TTier, V}"/> multiplies. An element of a key or value is at most 8,191 = 2¹³ − 1 in magnitude. The
/// magnitudes of a query, or of the exponentials of a block, add up to at most 2¹⁸. Their product is therefore less than 2³¹, whatever the numbers are.
/// </summary>
internal static class AttentionCodes
{
    private const float LargestStored = 8191;
    private const float LargestFactor = 32767;
    // Numbers are rounded after they have been scaled, so the sum before it is smaller than this by 1 for each number.
    private const int LargestSum = 1 << 18;
    // When this constant is added to a number of at most 2²², the last bits of the sum are the nearest integer.
    private const float Rounding = 12582912;
    // Numbers whose scale would be smaller become zeros. The reciprocal of a scale must be finite.
    private const float LowestScale = 1e-34f;

    /// <summary>The scale of the integers of a key or value; 0 if all its elements are 0.</summary>
    /// <exception cref="NumericalException">An element is not finite.</exception>
    public static float StoredScale(ReadOnlySpan<float> numbers)
    {
        KeyValueElements.RequireFinite(numbers);
        float largest = 0;
        foreach (float number in numbers)
        {
            largest = MathF.Max(largest, MathF.Abs(number));
        }

        return Limit(largest / LargestStored);
    }

    /// <summary>The scale of the integers of a query; 0 if all its elements are 0, NaN if one is not finite.</summary>
    public static float QueryScale(ReadOnlySpan<float> query)
    {
        float largest = 0, sum = 0;
        foreach (float element in query)
        {
            largest = MathF.Max(largest, MathF.Abs(element));
            sum += MathF.Abs(element);
        }

        return float.IsFinite(sum) ? Limit(MathF.Max(largest / LargestFactor, sum / (LargestSum - query.Length))) : float.NaN;
    }

    /// <summary>The scale of the integers of a row's exponentials in a block.</summary>
    /// <param name="largest">The largest exponential.</param>
    /// <param name="sum">The sum of the exponentials.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ExponentialScale(float largest, float sum)
        => Limit(MathF.Max(largest * (1 / LargestFactor), sum * (1f / (LargestSum - Attention.BlockLength))));

    /// <summary>The factor by which numbers are multiplied to get integers of a scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reciprocal(float scale) => scale == 0 ? 0 : 1 / scale;

    /// <summary>The nearest integer of a number of less than 32,767.5; any integer if it is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Round(float number) => unchecked((short)BitConverter.SingleToInt32Bits(number + Rounding));

    /// <summary>The nearest integers of products, in the low 16 bits of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Round(Vector512<float> numbers, float factor)
        => Vector512.MultiplyAddEstimate(numbers, Vector512.Create(factor), Vector512.Create(Rounding)).AsInt32();

    /// <inheritdoc cref="Round(Vector512{float}, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Round(Vector128<float> numbers, float factor)
        => Vector128.MultiplyAddEstimate(numbers, Vector128.Create(factor), Vector128.Create(Rounding)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Limit(float scale) => scale < LowestScale ? 0 : scale;
}
