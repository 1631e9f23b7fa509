using System.Text.Json;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>What the definition of a benchmark is made from.</summary>
/// <param name="Info">What the task is.</param>
/// <param name="Documents">The documents.</param>
/// <param name="Options">The caller's options.</param>
internal sealed record BenchmarkContext(EvaluationTaskInfo Info, IReadOnlyList<JsonElement> Documents, BuiltInTaskOptions Options);
