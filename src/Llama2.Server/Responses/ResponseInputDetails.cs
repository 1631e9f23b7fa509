namespace Llama2.Server.Responses;

/// <summary>How many tokens of the prompt were reused from earlier requests.</summary>
internal sealed record ResponseInputDetails(int CachedTokens);
