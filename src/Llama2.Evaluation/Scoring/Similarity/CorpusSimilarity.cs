namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// A similarity of generated texts and references that is computed over all texts together: each text contributes counts, and the score is computed from the
/// sums of the counts. An example's own value is its score alone. Immutable and thread-safe.
/// </summary>
internal sealed class CorpusSimilarity
{
    private readonly Func<string, IReadOnlyList<string>, double[]> _count;
    private readonly Func<double[], double> _score;

    private CorpusSimilarity(string name, Func<string, IReadOnlyList<string>, double[]> count, Func<double[], double> score, bool higherIsBetter = true)
    {
        (_count, _score, HigherIsBetter) = (count, score, higherIsBetter);
        Aggregation = new ResampledAggregation(name, samples => _score(Sum(samples)));
    }

    /// <summary>BLEU with sacrebleu's default tokenizer.</summary>
    public static CorpusSimilarity Bleu { get; } = new("bleu", (answer, references) => Similarity.Bleu.Count(answer, references, BleuTokenizer.Western), Similarity.Bleu.Score);

    /// <summary>chrF.</summary>
    public static CorpusSimilarity Chrf { get; } = new("chrf", Similarity.Chrf.Count, Similarity.Chrf.Score);

    /// <summary>The translation edit rate. Less is better, although lm-evaluation-harness' own default says otherwise.</summary>
    public static CorpusSimilarity TranslationEditRate { get; } = new("ter", TranslationEdits.Count, TranslationEdits.Score, higherIsBetter: false);

    /// <summary>All similarities.</summary>
    public static IReadOnlyList<CorpusSimilarity> All { get; } = [Bleu, Chrf, TranslationEditRate];

    /// <summary>Computes the score of samples that <see cref="Compare"/> made.</summary>
    public MetricAggregation Aggregation { get; }

    /// <summary>Whether a greater score is better.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>The contribution of a text.</summary>
    /// <param name="answer">The text.</param>
    /// <param name="references">The references; at least one.</param>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public MetricSample Compare(string answer, IReadOnlyList<string> references)
    {
        double[] counts = _count(answer, references);
        return new MetricSample(_score(counts)) { Counts = counts };
    }

    private static double[] Sum(IReadOnlyList<MetricSample> samples)
    {
        double[] sums = [.. samples[0].Counts!];
        foreach (MetricSample sample in samples.Skip(1))
        {
            for (int i = 0; i < sums.Length; i++)
                sums[i] += sample.Counts![i];
        }

        return sums;
    }
}
