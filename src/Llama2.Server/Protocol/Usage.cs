namespace Llama2.Server.Protocol;

/// <summary>The numbers of tokens of a request.</summary>
/// <param name="PromptTokens">The tokens of the prompt; they count once, however many choices were requested.</param>
/// <param name="CompletionTokens">The generated tokens of all choices; null for embeddings.</param>
/// <param name="TotalTokens">The sum.</param>
/// <param name="PromptTokensDetails">How many tokens of the prompt were reused from earlier requests; null for embeddings.</param>
internal sealed record Usage(int PromptTokens, int? CompletionTokens, int TotalTokens, PromptTokensDetails? PromptTokensDetails = null);
