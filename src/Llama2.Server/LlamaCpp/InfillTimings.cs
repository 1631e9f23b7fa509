namespace Llama2.Server.LlamaCpp;

/// <summary>How long the parts of a generation took.</summary>
/// <param name="CacheN">The number of tokens of the prompt that were reused from earlier requests.</param>
/// <param name="PromptN">The number of tokens of the prompt that were computed.</param>
/// <param name="PromptMs">The time until the first token, in milliseconds, with the wait for other requests.</param>
/// <param name="PromptPerTokenMs">The same for each computed token of the prompt.</param>
/// <param name="PromptPerSecond">The computed tokens of the prompt in a second.</param>
/// <param name="PredictedN">The number of generated tokens.</param>
/// <param name="PredictedMs">The time from the first to the last generated token, in milliseconds.</param>
/// <param name="PredictedPerTokenMs">The same for each generated token after the first.</param>
/// <param name="PredictedPerSecond">The generated tokens after the first in a second.</param>
/// <param name="DraftN">The number of guessed tokens that were computed; null if there were none.</param>
/// <param name="DraftNAccepted">The number of guessed tokens that were right; null if none were computed.</param>
internal sealed record InfillTimings(
    int CacheN, int PromptN, double PromptMs, double PromptPerTokenMs, double PromptPerSecond, int PredictedN, double PredictedMs, double PredictedPerTokenMs, double PredictedPerSecond,
    int? DraftN, int? DraftNAccepted)
{
    public static InfillTimings Of(GenerationUsage usage)
    {
        int computed = usage.PromptTokenCount - usage.CachedTokenCount, following = Math.Max(0, usage.GeneratedTokenCount - 1);
        double promptMs = usage.TimeToFirstToken.TotalMilliseconds, predictedMs = usage.DecodeTime.TotalMilliseconds;
        return new(
            usage.CachedTokenCount, computed, promptMs, Ratio(promptMs, computed), Ratio(computed * 1000, promptMs),
            usage.GeneratedTokenCount, predictedMs, Ratio(predictedMs, following), Ratio(following * 1000, predictedMs),
            usage.DraftTokenCount > 0 ? usage.DraftTokenCount : null, usage.DraftTokenCount > 0 ? usage.AcceptedDraftTokenCount : null);
    }

    // JSON has no infinity.
    private static double Ratio(double dividend, double divisor) => divisor > 0 ? dividend / divisor : 0;
}
