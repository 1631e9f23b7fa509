namespace Llama2.Server.Anthropic;

/// <summary>The tokens of a request. The tokens of the prompt are the sum of the first three numbers.</summary>
/// <param name="InputTokens">The tokens of the prompt that were not reused from earlier requests.</param>
/// <param name="CacheCreationInputTokens">Always 0: keeping the keys and values of a prompt costs nothing.</param>
/// <param name="CacheReadInputTokens">The tokens of the prompt that were reused from earlier requests.</param>
/// <param name="OutputTokens">The generated tokens.</param>
/// <param name="ServiceTier"><c>standard</c>; null at the end of a stream, whose beginning has it.</param>
internal sealed record AnthropicUsage(int InputTokens, int CacheCreationInputTokens, int CacheReadInputTokens, int OutputTokens, string? ServiceTier = "standard")
{
    public static AnthropicUsage Of(GenerationUsage usage) =>
        new(usage.PromptTokenCount - usage.CachedTokenCount, 0, usage.CachedTokenCount, usage.GeneratedTokenCount);
}
