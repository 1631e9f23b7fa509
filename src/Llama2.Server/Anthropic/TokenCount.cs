namespace Llama2.Server.Anthropic;

/// <summary>The answer of <c>POST /v1/messages/count_tokens</c>.</summary>
/// <param name="InputTokens">The tokens of the prompt, whether or not they are reused from earlier requests.</param>
internal sealed record TokenCount(int InputTokens);
