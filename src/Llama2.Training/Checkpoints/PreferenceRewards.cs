namespace Llama2.Training;

/// <summary>
/// The rewards that a preference method gives to the answers of a step, which <see cref="PreferenceMethod"/> defines. ORPO gives β times the mean
/// log-probability of an answer's tokens.
/// </summary>
/// <param name="Chosen">The mean reward of the chosen or desirable answers; null if the step has none.</param>
/// <param name="Rejected">The mean reward of the rejected or undesirable answers; null if the step has none.</param>
/// <param name="Accuracy">The fraction of the pairs whose chosen answer has the greater reward, 0 to 1; null for KTO, which has no pairs.</param>
/// <param name="Divergence">KTO's estimate of how far the model has moved away from the reference model, in nats, 0 or more; null for other methods.</param>
public sealed record PreferenceRewards(double? Chosen, double? Rejected, double? Accuracy, double? Divergence = null)
{
    /// <summary>The difference of both mean rewards; null if the step has only answers of one kind.</summary>
    public double? Margin => Chosen - Rejected;
}
