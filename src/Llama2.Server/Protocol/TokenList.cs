namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>POST /tokenize</c>.</summary>
internal sealed record TokenList(int[] Tokens);
