namespace Llama2.Server.Protocol;

/// <summary>A generated token and its log-probability.</summary>
/// <param name="Token">The token's text; a byte that is not a character of its own is written as <c>\xe2</c>.</param>
/// <param name="Logprob">The natural logarithm of the model's probability.</param>
/// <param name="Bytes">The token's bytes in UTF-8.</param>
/// <param name="TopLogprobs">The likeliest tokens at this position.</param>
internal sealed record TokenLogprob(string Token, float Logprob, int[] Bytes, TopLogprob[] TopLogprobs);
