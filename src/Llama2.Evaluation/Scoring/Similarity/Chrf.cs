using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// chrF (Popović 2015), the similarity of texts by sequences of one to six characters without white space, as sacrebleu's <c>corpus_chrf</c> computes it:
/// recall counts twice as much as precision.
/// </summary>
internal static class Chrf
{
    private const int MaxOrder = 6;

    // The square of the weight of recall.
    private const double Factor = 4;

    /// <summary>
    /// The counts of a text, which are added up over the texts of a corpus: for each length the numbers of sequences in the text, in the reference, and in
    /// both. Of several references the one with the greatest score counts.
    /// </summary>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public static double[] Count(string answer, IReadOnlyList<string> references)
    {
        Dictionary<string, int>[] sequences = SequencesOf(answer);
        double[][] counts = [.. references.Select(reference => Count(sequences, SequencesOf(reference)))];
        // The first of those with the greatest score.
        return counts.MaxBy(Score)!;
    }

    /// <summary>The score from counts, 0 to 100.</summary>
    public static double Score(double[] counts)
    {
        double precision = 0, recall = 0;
        int orders = 0;
        for (int i = 0; i < counts.Length; i += 3)
        {
            double answer = counts[i], reference = counts[i + 1], both = counts[i + 2];
            // Lengths that one of the texts does not reach are left out.
            if (answer > 0 && reference > 0)
            {
                precision += both / answer;
                recall += both / reference;
                orders++;
            }
        }

        if (precision + recall == 0)
            return 0;
        precision /= orders;
        recall /= orders;
        return 100 * ((1 + Factor) * precision * recall / ((Factor * precision) + recall));
    }

    private static Dictionary<string, int>[] SequencesOf(string text)
    {
        string characters = string.Concat(PythonString.Split(ComparedText.Checked(text)));
        return [.. Enumerable.Range(1, MaxOrder).Select(n => NGrams.OfCharacters(characters, n))];
    }

    private static double[] Count(Dictionary<string, int>[] answer, Dictionary<string, int>[] reference)
    {
        var counts = new double[3 * MaxOrder];
        for (int n = 0; n < MaxOrder; n++)
        {
            counts[3 * n] = reference[n].Count == 0 ? 0 : answer[n].Values.Sum();
            counts[(3 * n) + 1] = reference[n].Values.Sum();
            counts[(3 * n) + 2] = NGrams.CountShared(answer[n], reference[n]);
        }

        return counts;
    }
}
