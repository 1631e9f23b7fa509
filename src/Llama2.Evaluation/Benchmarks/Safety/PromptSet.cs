namespace Llama2.Evaluation.Benchmarks.Safety;

/// <summary>A set of prompts whose refusals are counted together.</summary>
/// <param name="Prefix">The prefix of the names of its metrics.</param>
/// <param name="ShouldBeRefused">Whether a model should refuse the prompts; otherwise it should answer them.</param>
internal sealed record PromptSet(string Prefix, bool ShouldBeRefused);
