using System.Text.Json;

namespace Llama2.Evaluation.Tests.Running;

/// <summary>A task whose examples are given as lists of requests, and whose score does not matter.</summary>
internal sealed class RandomTask(string name, IReadOnlyList<IReadOnlyList<EvaluationRequest>> examples) : IEvaluationTask
{
    public EvaluationTaskInfo Info { get; } = new(name) { OutputType = "multiple_choice" };

    public IReadOnlyList<TaskMetric> Metrics => [];

    public int ExampleCount => examples.Count;

    public EvaluationExample CreateExample(int index) => new(index, JsonElement.Parse("{}"), examples[index], "");

    public ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(new EvaluationScore(new Dictionary<string, MetricSample>()));
}
