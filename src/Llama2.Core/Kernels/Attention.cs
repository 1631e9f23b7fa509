using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Kernels;

/// <summary>
/// Scaled dot-product attention, Vaswani et al. 2017 (arXiv 1706.03762) §3.2.1, for one token and the query heads that share one key and
/// value head (grouped-query attention, Ainslie et al. 2023, arXiv 2305.13245): each key and value is read once for all of them.
/// </summary>
internal static class Attention
{
    /// <summary><c>output = softmax(query · keysᵀ / √head length) · values</c>, for each query head.</summary>
    /// <param name="queries">[query heads, head length].</param>
    /// <param name="keys">[positions, head length].</param>
    /// <param name="values">[positions, head length].</param>
    /// <param name="headLength">Elements of a head.</param>
    /// <param name="scores">Scratch memory, [query heads, positions].</param>
    /// <param name="output">[query heads, head length].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend(
        ReadOnlySpan<float> queries, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, int headLength, Span<float> scores, Span<float> output)
    {
        int headCount = queries.Length / headLength, positionCount = keys.Length / headLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, headCount * positionCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, keys.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, queries.Length);
        float scale = 1 / MathF.Sqrt(headLength);
        for (int position = 0; position < positionCount; position++)
        {
            ReadOnlySpan<float> key = keys.Slice(position * headLength, headLength);
            for (int head = 0; head < headCount; head++)
            {
                scores[head * positionCount + position] = scale * Dot(queries.Slice(head * headLength, headLength), key);
            }
        }

        for (int head = 0; head < headCount; head++)
        {
            Softmax.Apply(scores.Slice(head * positionCount, positionCount));
        }

        output.Clear();
        for (int position = 0; position < positionCount; position++)
        {
            ReadOnlySpan<float> value = values.Slice(position * headLength, headLength);
            for (int head = 0; head < headCount; head++)
            {
                AddScaled(value, scores[head * positionCount + position], output.Slice(head * headLength, headLength));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ref float x = ref MemoryMarshal.GetReference(left);
        ref float y = ref MemoryMarshal.GetReference(right);
        int width = Vector<float>.Count, i = 0;
        Vector<float> even = Vector<float>.Zero, odd = Vector<float>.Zero;
        for (; i <= left.Length - 2 * width; i += 2 * width)
        {
            even = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i), even);
            odd = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)(i + width)), Vector.LoadUnsafe(ref y, (nuint)(i + width)), odd);
        }

        float sum = Vector.Sum(even + odd);
        for (; i < left.Length; i++)
        {
            sum += Unsafe.Add(ref x, i) * Unsafe.Add(ref y, i);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled(ReadOnlySpan<float> value, float scale, Span<float> sum)
    {
        ref float x = ref MemoryMarshal.GetReference(value);
        ref float y = ref MemoryMarshal.GetReference(sum);
        int width = Vector<float>.Count, i = 0;
        for (; i <= value.Length - width; i += width)
        {
            Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)i), new Vector<float>(scale), Vector.LoadUnsafe(ref y, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
        }

        for (; i < value.Length; i++)
        {
            Unsafe.Add(ref y, i) += Unsafe.Add(ref x, i) * scale;
        }
    }
}
