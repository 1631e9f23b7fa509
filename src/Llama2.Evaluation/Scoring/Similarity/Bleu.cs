namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// BLEU (Papineni et al. 2002), the similarity of texts by sequences of one to four words, as sacrebleu's <c>corpus_bleu</c> computes it with its smoothing
/// <c>exp</c>: the first missing length counts as half a match, the next as a quarter, and so on.
/// </summary>
internal static class Bleu
{
    private const int MaxOrder = 4;

    // The logarithm of a precision of zero in sacrebleu.
    private const double LogarithmOfZero = -9999999999;

    /// <summary>
    /// The counts of a text, which are added up over the texts of a corpus: the words of the text and of the reference of the closest length, the matching
    /// sequences of one to four words, and all such sequences of the text.
    /// </summary>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public static double[] Count(string answer, IReadOnlyList<string> references, Func<string, string[]> tokenize)
    {
        string[] words = tokenize(ComparedText.Checked(answer));
        string[][] others = [.. references.Select(reference => tokenize(ComparedText.Checked(reference)))];
        var counts = new double[2 + (2 * MaxOrder)];
        counts[0] = words.Length;
        counts[1] = others.Select(other => other.Length).OrderBy(length => Math.Abs(words.Length - length)).ThenBy(length => length).First();
        for (int n = 1; n <= MaxOrder; n++)
        {
            Dictionary<string, int> wanted = NGrams.OfWords(others[0], n);
            foreach (string[] other in others.Skip(1))
            {
                foreach ((string sequence, int count) in NGrams.OfWords(other, n))
                    wanted[sequence] = Math.Max(count, wanted.GetValueOrDefault(sequence));
            }

            counts[1 + n] = NGrams.CountShared(NGrams.OfWords(words, n), wanted);
            counts[1 + MaxOrder + n] = Math.Max(0, words.Length - n + 1);
        }

        return counts;
    }

    /// <summary>The score from counts, 0 to 100.</summary>
    public static double Score(double[] counts)
    {
        ReadOnlySpan<double> matches = counts.AsSpan(2, MaxOrder), totals = counts.AsSpan(2 + MaxOrder);
        double length = counts[0], referenceLength = counts[1];
        if (!matches.ContainsAnyExcept(0))
            return 0;
        double smoothing = 1, sum = 0;
        for (int n = 0; n < MaxOrder; n++)
        {
            // Fewer than four words: no sequence of this length, and so a score of zero, is not smoothed.
            double percent = totals[n] == 0 ? 0
                : matches[n] == 0 ? 100 / ((smoothing *= 2) * totals[n])
                : 100 * matches[n] / totals[n];
            sum += percent == 0 ? LogarithmOfZero : Math.Log(percent);
        }

        return (length < referenceLength ? Math.Exp(1 - (referenceLength / length)) : 1) * Math.Exp(sum / MaxOrder);
    }

    /// <summary>The score of one text against one reference, 0 to 100, with the words of <see cref="BleuTokenizer.International"/>.</summary>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public static double Compare(string answer, string reference) => Score(Count(answer, [reference], BleuTokenizer.International));
}
