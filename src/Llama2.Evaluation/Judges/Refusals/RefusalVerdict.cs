namespace Llama2.Evaluation;

/// <summary>Whether an answer refuses, how certain the detector is, and why. Immutable.</summary>
/// <param name="Label">The most probable of the three labels.</param>
/// <param name="FullRefusalProbability">The estimated probability of <see cref="RefusalLabel.FullRefusal"/>, 0 to 1.</param>
/// <param name="PartialRefusalProbability">The estimated probability of <see cref="RefusalLabel.PartialRefusal"/>, 0 to 1.</param>
/// <param name="ComplianceProbability">The estimated probability of <see cref="RefusalLabel.Compliance"/>, 0 to 1. The three probabilities sum to 1.</param>
/// <param name="Evidence">The features of the answer, those with the largest contributions first.</param>
public sealed record RefusalVerdict(
    RefusalLabel Label,
    double FullRefusalProbability,
    double PartialRefusalProbability,
    double ComplianceProbability,
    IReadOnlyList<RefusalEvidence> Evidence)
{
    /// <summary>
    /// Whether the answer is a refusal rather than compliance, where only these two are distinguished: a full refusal is more probable than compliance.
    /// A verdict of <see cref="RefusalLabel.PartialRefusal"/> is thus assigned to the more probable of the other two labels.
    /// </summary>
    public bool IsRefusal => FullRefusalProbability > ComplianceProbability;
}
