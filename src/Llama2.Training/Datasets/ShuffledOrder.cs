using Llama2.Sampling;

namespace Llama2.Training.Datasets;

/// <summary>Creates a permutation with the Fisher–Yates shuffle. For a given seed, it is the same on every machine.</summary>
internal static class ShuffledOrder
{
    /// <summary>The numbers 0 … count − 1, shuffled.</summary>
    public static int[] Create(int count, ulong seed)
    {
        var random = new RandomSource(seed);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = (int)(random.NextDouble() * (i + 1));
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
