namespace Llama2.Evaluation;

/// <summary>A model's judgement of an answer. Immutable and thread-safe.</summary>
/// <param name="Label">The label with the greatest probability.</param>
/// <param name="Probabilities">
/// The probability of each label, in the rubric's order. The labels are the only possible verdicts, so the probabilities add up to 1.
/// </param>
/// <param name="Mass">
/// The probability that the model, if it were free, would begin its answer with one of the labels: 0 to 1. A small value means that the model did not
/// understand what it was asked, and its verdict means little.
/// </param>
/// <param name="Reasons">The model's reasons; empty if none were requested.</param>
public sealed record JudgeVerdict(string Label, IReadOnlyList<double> Probabilities, double Mass, string Reasons)
{
    /// <summary>Makes a verdict from the log-likelihoods of the labels; the first of several likeliest labels is the verdict.</summary>
    internal static JudgeVerdict Of(IReadOnlyList<string> labels, double[] logLikelihoods, string reasons)
    {
        double greatest = logLikelihoods.Max();
        // Differences to the greatest value, so that very unlikely labels do not all become zero.
        double[] weights = [.. logLikelihoods.Select(value => Math.Exp(value - greatest))];
        double total = weights.Sum();
        return new JudgeVerdict(
            labels[Array.IndexOf(logLikelihoods, greatest)], [.. weights.Select(weight => weight / total)], Math.Min(1, logLikelihoods.Sum(Math.Exp)), reasons);
    }
}
