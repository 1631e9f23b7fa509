namespace Llama2.Server.Protocol;

/// <summary>A token that could have been generated, and its log-probability; the values are as in <see cref="TokenLogprob"/>.</summary>
internal sealed record TopLogprob(string Token, float Logprob, int[] Bytes);
