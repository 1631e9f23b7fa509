using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>What the definition of a benchmark is made from.</summary>
/// <param name="Info">What the task is.</param>
/// <param name="Output">The kind of requests.</param>
/// <param name="Documents">The documents.</param>
/// <param name="Options">The caller's options.</param>
internal sealed record BenchmarkContext(EvaluationTaskInfo Info, DocumentOutput Output, IReadOnlyList<JsonElement> Documents, BuiltInTaskOptions Options)
{
    /// <summary>Begins a definition, to which the caller adds the rest.</summary>
    /// <param name="text">Makes the question of a document.</param>
    /// <param name="target">Makes the right answer of a document.</param>
    public DocumentTaskDefinition Define(Func<JsonElement, TaskValue> text, Func<JsonElement, TaskValue> target)
        => new() { Info = Info, Output = Output, Documents = Documents, Text = text, Target = target };
}
