namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>POST /detokenize</c>.</summary>
internal sealed record DetokenizeAnswer(string Content);
