using System.Text.Json;
using Llama2.Evaluation.Benchmarks;

namespace Llama2.Evaluation;

/// <summary>
/// Scores recorded log-likelihoods of MMLU's choices with the task <c>mmlu_continuation</c>, without a model: shows that the library's figures are
/// those of lm-evaluation-harness. Thread-safe.
/// </summary>
public static class RecordedMmlu
{
    /// <summary>Writes results as a JSON list of objects with <c>subject</c>, <c>acc</c>, <c>acc_norm</c>, <c>acc_stderr</c> and <c>acc_norm_stderr</c>.</summary>
    /// <param name="results">The results.</param>
    /// <param name="stream">Receives UTF-8.</param>
    public static void WriteJson(IReadOnlyList<RecordedMmluResult> results, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (RecordedMmluResult result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("subject", result.Subject);
            writer.WriteNumber("acc", result.Accuracy);
            writer.WriteNumber("acc_norm", result.NormalizedAccuracy);
            WriteError(writer, "acc_stderr", result.AccuracyStandardError);
            WriteError(writer, "acc_norm_stderr", result.NormalizedAccuracyStandardError);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Scores the log-likelihoods of all subjects of a recording.</summary>
    /// <param name="path">The recording, in the form of <see cref="RecordedLogLikelihoods.Read"/>; its questions are in the order of the data set.</param>
    /// <param name="data">The folder with MMLU. The split <c>test</c> of the recorded subjects is read.</param>
    /// <param name="cancellationToken">Ends the scoring.</param>
    /// <returns>The results, in the order of the recording.</returns>
    /// <exception cref="EvaluationDataException">The recording or the data set is malformed, or they do not have the same questions.</exception>
    /// <exception cref="IOException">The recording cannot be read.</exception>
    public static async Task<IReadOnlyList<RecordedMmluResult>> ScoreAsync(string path, DataFolder data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyList<RecordedLogLikelihoods> subjects = RecordedLogLikelihoods.Read(path);
        if (subjects.Count == 0)
            return [];
        var backend = new RecordedBackend(Path.GetFileName(path), [.. subjects.Select(subject => ToResponses(subject, path, data))]);
        EvaluationReport report = await EvaluationRunner.RunAsync(backend, backend.Tasks, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. report.Tasks.Select((task, index) => ToResult(subjects[index].Subject, task))];
    }

    private static RecordedResponses ToResponses(RecordedLogLikelihoods recorded, string path, DataFolder data)
    {
        string name = $"mmlu_{recorded.Subject}_continuation";
        if (!BenchmarkTable.TasksByName.ContainsKey(name))
            throw new EvaluationDataException($"'{path}' has recorded log-likelihoods of '{recorded.Subject}', which is not one of MMLU's subjects.");
        IEvaluationTask task = BuiltInTasks.Create(name, data, new BuiltInTaskOptions { FewShotCount = 0 }).Tasks[0];
        return new RecordedResponses(task, [.. recorded.Questions.Select(IReadOnlyList<EvaluationResponse> (question)
            => [.. question.Select(value => new EvaluationResponse { LogLikelihood = value })])]);
    }

    private static RecordedMmluResult ToResult(string subject, TaskReport report)
    {
        MetricResult accuracy = report.Metrics.First(result => result.Metric.Name == "acc"), normalized = report.Metrics.First(result => result.Metric.Name == "acc_norm");
        return new RecordedMmluResult(subject, accuracy.Value, normalized.Value, accuracy.StandardError, normalized.StandardError);
    }

    private static void WriteError(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }
}
