namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>Tokens that a backend had a model score, from the index <paramref name="Start"/> on.</summary>
internal sealed record ScoredSequence(int[] Tokens, int Start);
