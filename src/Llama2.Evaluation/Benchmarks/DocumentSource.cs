using System.Text.Json;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Reads the documents of a split of a data set.</summary>
/// <param name="path">The data set's name on Hugging Face, such as <c>cais/mmlu</c>.</param>
/// <param name="name">The name of one of its parts; null if it has none.</param>
/// <param name="split">The split, such as <c>test</c>.</param>
internal delegate IReadOnlyList<JsonElement> DocumentSource(string path, string? name, string split);
