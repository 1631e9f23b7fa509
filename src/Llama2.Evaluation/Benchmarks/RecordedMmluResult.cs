namespace Llama2.Evaluation;

/// <summary>What a subject of MMLU scores with recorded log-likelihoods, by the definitions of lm-evaluation-harness.</summary>
/// <param name="Subject">The subject, such as <c>anatomy</c>.</param>
/// <param name="Accuracy">The share of questions whose right choice is the likeliest (<c>acc</c>), 0 to 1.</param>
/// <param name="NormalizedAccuracy">The same with each log-likelihood divided by the choice's number of characters (<c>acc_norm</c>), 0 to 1.</param>
/// <param name="AccuracyStandardError">The standard error of <paramref name="Accuracy"/>; null if there are fewer than two questions.</param>
/// <param name="NormalizedAccuracyStandardError">The standard error of <paramref name="NormalizedAccuracy"/>; null likewise.</param>
public sealed record RecordedMmluResult(
    string Subject, double Accuracy, double NormalizedAccuracy, double? AccuracyStandardError, double? NormalizedAccuracyStandardError);
