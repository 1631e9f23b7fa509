using System.Collections.Frozen;
using Llama2.Evaluation.Benchmarks.Knowledge;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>All built-in tasks and groups. A new task is one class and one line here.</summary>
internal static class BenchmarkTable
{
    public static IReadOnlyList<Benchmark> Tasks { get; } =
    [
        .. Mmlu.Tasks,
    ];

    public static IReadOnlyList<BenchmarkGroup> Groups { get; } =
    [
        .. Mmlu.Groups,
    ];

    public static FrozenDictionary<string, Benchmark> TasksByName { get; } = Tasks.ToFrozenDictionary(task => task.Name);

    public static FrozenDictionary<string, BenchmarkGroup> GroupsByName { get; } = Groups.ToFrozenDictionary(group => group.Name);
}
