using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Functions;

/// <summary>A Python function in lm-evaluation-harness' own task files that a built-in task implements.</summary>
/// <param name="Dataset">The data set of the task files (<c>dataset_path</c>).</param>
/// <param name="Key">The key at which the files name the function.</param>
/// <param name="Name">The function, such as <c>utils.process_docs</c>.</param>
/// <param name="BuiltInTask">The built-in task.</param>
internal sealed record KnownFunction(string Dataset, string Key, string Name, string BuiltInTask)
{
    /// <summary>The built-in task's definition, without documents.</summary>
    public DocumentTaskDefinition Definition
        => Task.Define(new BenchmarkContext(new EvaluationTaskInfo(BuiltInTask), Task.Output, [], new BuiltInTaskOptions()));

    /// <summary>The built-in task.</summary>
    public Benchmark Task => BenchmarkTable.TasksByName[BuiltInTask];
}
