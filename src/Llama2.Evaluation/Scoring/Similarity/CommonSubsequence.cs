using System.Collections;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>The longest common subsequence of two lists of words.</summary>
internal static class CommonSubsequence
{
    /// <summary>
    /// The indices in <paramref name="words"/> of one of the longest common subsequences. If there are several, it is the one that the package rouge_score
    /// chooses, because its union over sentences depends on it. The callers bound the product of the lengths.
    /// </summary>
    public static List<int> IndicesOf(ReadOnlySpan<string> words, ReadOnlySpan<string> others)
    {
        int width = others.Length;
        // For each pair of prefixes whether the subsequence is longer if the last word of the other list, rather than of this one, is left out.
        var leavesOther = new BitArray(words.Length * width);
        int[] previous = new int[width + 1], current = new int[width + 1];
        for (int i = 0; i < words.Length; i++)
        {
            for (int j = 0; j < width; j++)
            {
                leavesOther[(i * width) + j] = current[j] > previous[j + 1];
                current[j + 1] = words[i] == others[j] ? previous[j] + 1 : Math.Max(previous[j + 1], current[j]);
            }

            (previous, current) = (current, previous);
        }

        List<int> indices = [];
        for (int i = words.Length - 1, j = width - 1; i >= 0 && j >= 0;)
        {
            if (words[i] == others[j])
            {
                indices.Add(i);
                i--;
                j--;
            }
            else if (leavesOther[(i * width) + j])
            {
                j--;
            }
            else
            {
                i--;
            }
        }

        return indices;
    }
}
