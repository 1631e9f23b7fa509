namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>Runs tasks with given answers.</summary>
internal static class RecordedTexts
{
    /// <summary>Runs a task whose examples have these answers, several for each if the task asks several times.</summary>
    public static async Task<TaskReport> RunAsync(IEvaluationTask task, params string[][] answers)
    {
        var backend = new RecordedBackend("recorded", [new RecordedResponses(task, [.. answers.Select(texts => texts.Select(text => new EvaluationResponse { Text = text }).ToArray())])]);
        return (await EvaluationRunner.RunAsync(backend, backend.Tasks)).Tasks[0];
    }

    /// <summary>The value of a metric.</summary>
    public static double ValueOf(this TaskReport report, string metric) => report.Metrics.Single(result => result.Metric.Name == metric).Value;
}
