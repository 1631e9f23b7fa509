namespace Llama2.Server.Responses;

/// <summary>How many of the generated tokens are not part of the answer; always 0.</summary>
internal sealed record ResponseOutputDetails(int ReasoningTokens = 0);
