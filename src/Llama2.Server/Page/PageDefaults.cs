namespace Llama2.Server.Page;

/// <summary>How tokens are chosen if a request does not state it, so that the page can show these values.</summary>
internal sealed record PageDefaults(
    float Temperature, float TopP, float FrequencyPenalty, float PresencePenalty, int? MaxTokens, ulong? Seed, IReadOnlyList<string> Stop)
{
    public static PageDefaults Of(GenerationOptions options) => new(
        options.Temperature, options.TopP, options.FrequencyPenalty, options.PresencePenalty, options.MaxTokens, options.Seed, options.StopSequences);
}
