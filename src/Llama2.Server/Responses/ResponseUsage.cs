namespace Llama2.Server.Responses;

/// <summary>The numbers of tokens of a response.</summary>
internal sealed record ResponseUsage(
    int InputTokens, ResponseInputDetails InputTokensDetails, int OutputTokens, ResponseOutputDetails OutputTokensDetails, int TotalTokens)
{
    public static ResponseUsage Of(GenerationUsage usage) => new(
        usage.PromptTokenCount, new(usage.CachedTokenCount), usage.GeneratedTokenCount, new(), usage.PromptTokenCount + usage.GeneratedTokenCount);
}
