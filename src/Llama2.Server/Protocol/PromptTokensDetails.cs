namespace Llama2.Server.Protocol;

/// <summary>How many tokens of a prompt were not computed again.</summary>
internal sealed record PromptTokensDetails(int CachedTokens);
