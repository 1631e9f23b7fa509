using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Evaluation;

/// <summary>
/// Writes reports in the form of lm-evaluation-harness' <c>results.json</c>, so that tools for its results read ours. Beside its fields there is
/// <c>llama2</c>, an object with the fingerprint of the model and the number of truncated prompts. Thread-safe.
/// </summary>
public static class HarnessResults
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Receives UTF-8 with a line feed at the end; it stays open.</param>
    public static void Write(EvaluationReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(stream);
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            writer.WriteStartObject();
            WriteResults(writer, report);
            WriteGroups(writer, report);
            WriteTaskFacts(writer, report);
            WriteRunFacts(writer, report);
            writer.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    private static void WriteResults(Utf8JsonWriter writer, EvaluationReport report)
    {
        writer.WriteStartObject("results");
        foreach (GroupReport group in report.Groups)
            WriteMetrics(writer, group.Group.Name, group.Group.Alias, group.Metrics);
        foreach (TaskReport task in report.Tasks)
            WriteMetrics(writer, task.Info.Name, task.Info.Alias, task.Metrics);
        writer.WriteEndObject();
    }

    private static void WriteGroups(Utf8JsonWriter writer, EvaluationReport report)
    {
        if (report.Groups.Count > 0)
        {
            writer.WriteStartObject("groups");
            foreach (GroupReport group in report.Groups)
                WriteMetrics(writer, group.Group.Name, group.Group.Alias, group.Metrics);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("group_subtasks");
        foreach (GroupReport group in report.Groups)
        {
            writer.WriteStartArray(group.Group.Name);
            foreach (string name in group.Group.TaskNames)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteMetrics(Utf8JsonWriter writer, string name, string? alias, IReadOnlyList<MetricResult> metrics)
    {
        writer.WriteStartObject(name);
        writer.WriteString("alias", alias ?? name);
        foreach (MetricResult result in metrics)
        {
            WriteNumber(writer, result.Metric.Key, result.Value);
            WriteNumber(writer, $"{result.Metric.Name}_stderr,{result.Metric.Filter}", result.StandardError ?? double.NaN);
        }

        writer.WriteEndObject();
    }

    private static void WriteTaskFacts(Utf8JsonWriter writer, EvaluationReport report)
    {
        WriteEach(writer, "configs", report, task =>
        {
            if (task.Info.Configuration.ValueKind == JsonValueKind.Object)
                task.Info.Configuration.WriteTo(writer);
            else
                WriteConfiguration(writer, task.Info);
        });
        WriteEach(writer, "versions", report, task => WriteVersion(writer, task.Info.Version));
        WriteEach(writer, "n-shot", report, task => writer.WriteNumberValue(task.Info.FewShotCount));
        WriteEach(writer, "higher_is_better", report, task =>
        {
            writer.WriteStartObject();
            foreach (TaskMetric metric in task.Metrics.Select(result => result.Metric).DistinctBy(metric => metric.Name))
                writer.WriteBoolean(metric.Name, metric.HigherIsBetter);
            writer.WriteEndObject();
        });
        WriteEach(writer, "n-samples", report, task =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("original", task.TotalExampleCount);
            writer.WriteNumber("effective", task.Examples.Count);
            writer.WriteEndObject();
        });
    }

    private static void WriteEach(Utf8JsonWriter writer, string name, EvaluationReport report, Action<TaskReport> write)
    {
        writer.WriteStartObject(name);
        foreach (TaskReport task in report.Tasks)
        {
            writer.WritePropertyName(task.Info.Name);
            write(task);
        }

        writer.WriteEndObject();
    }

    private static void WriteConfiguration(Utf8JsonWriter writer, EvaluationTaskInfo info)
    {
        writer.WriteStartObject();
        writer.WriteString("task", info.Name);
        writer.WriteString("output_type", info.OutputType);
        writer.WriteNumber("num_fewshot", info.FewShotCount);
        if (info.Description.Length > 0)
            writer.WriteString("description_of_task", info.Description);
        writer.WriteEndObject();
    }

    // The harness writes versions as numbers where they are numbers.
    private static void WriteVersion(Utf8JsonWriter writer, string version)
    {
        if (double.TryParse(version, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(version);
    }

    private static void WriteRunFacts(Utf8JsonWriter writer, EvaluationReport report)
    {
        writer.WriteStartObject("config");
        writer.WriteString("model", "llama2");
        writer.WriteString("model_args", $"name={report.ModelName}");
        if (report.MaxExampleCount is { } limit)
            writer.WriteNumber("limit", limit);
        else
            writer.WriteNull("limit");
        writer.WriteNumber("bootstrap_iters", 1000);
        writer.WriteEndObject();
        writer.WriteNumber("date", report.StartTime.ToUnixTimeMilliseconds() / 1000.0);
        writer.WriteString("model_name", report.ModelName);
        writer.WriteString("total_evaluation_time_seconds", report.Duration.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        writer.WriteStartObject("llama2");
        writer.WriteString("fingerprint", report.Fingerprint);
        writer.WriteNumber("truncated_requests", report.TruncatedRequestCount);
        writer.WriteNumber("stored_responses", report.StoredResponseCount);
        writer.WriteEndObject();
    }

    // What is not defined is "N/A", as in the harness.
    private static void WriteNumber(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, value);
        else
            writer.WriteString(name, "N/A");
    }
}
