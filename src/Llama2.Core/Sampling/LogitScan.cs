using System.Numerics;
using System.Runtime.CompilerServices;

namespace Llama2.Sampling;

/// <summary>Searches a whole vocabulary of logits, several at a time.</summary>
internal static class LogitScan
{
    /// <summary>
    /// The index of the highest logit; the lowest index among equal logits, and 0 equals −0. There must be at least one logit, and none may be NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOfHighest(ReadOnlySpan<float> logits)
    {
        Vector<float> highests = new(float.NegativeInfinity);
        int i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            highests = Vector.Max(highests, new Vector<float>(logits[i..]));
        }

        float highest = float.NegativeInfinity;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            highest = Math.Max(highest, highests[lane]);
        }

        for (; i < logits.Length; i++)
        {
            highest = Math.Max(highest, logits[i]);
        }

        return FirstNotBelow(logits, 0, highest);
    }

    /// <summary>
    /// The index of the first logit, from <paramref name="start"/> on, that is not below a limit; the number of logits if there is none. No logit may be NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FirstNotBelow(ReadOnlySpan<float> logits, int start, float limit)
    {
        Vector<float> limits = new(limit);
        int i = start;
        while (i <= logits.Length - Vector<float>.Count && Vector.LessThanAll(new Vector<float>(logits[i..]), limits))
        {
            i += Vector<float>.Count;
        }

        while (i < logits.Length && logits[i] < limit)
        {
            i++;
        }

        return i;
    }

    /// <summary>The index of the first logit that is NaN or positive infinity; the number of logits if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FirstInvalid(ReadOnlySpan<float> logits)
    {
        Vector<float> largest = new(float.MaxValue);
        int i = 0;
        // A comparison with NaN is false.
        while (i <= logits.Length - Vector<float>.Count && Vector.LessThanOrEqualAll(new Vector<float>(logits[i..]), largest))
        {
            i += Vector<float>.Count;
        }

        while (i < logits.Length && logits[i] <= float.MaxValue)
        {
            i++;
        }

        return i;
    }
}
