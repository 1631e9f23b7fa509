namespace Llama2.Evaluation.Benchmarks;

/// <summary>A part of a data set, by its names on Hugging Face.</summary>
/// <param name="Path">The data set, such as <c>cais/mmlu</c>.</param>
/// <param name="Name">The name of the part; null if the data set has one part.</param>
/// <param name="Split">The split that is evaluated.</param>
/// <param name="FewShotSplit">The split of the few-shot examples; null if it is <paramref name="Split"/>.</param>
internal sealed record DatasetPart(string Path, string? Name, string Split, string? FewShotSplit = null);
