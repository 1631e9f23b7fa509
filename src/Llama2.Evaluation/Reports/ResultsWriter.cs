using System.Globalization;
using System.Text.Json;

namespace Llama2.Evaluation.Reports;

/// <summary>Writes a report in the form of lm-evaluation-harness' <c>results.json</c>.</summary>
internal static class ResultsWriter
{
    // The seeds that lm-evaluation-harness sets by default. The few-shot examples of tasks are drawn with the last one.
    private const int RandomSeed = 0;
    private const int OtherSeed = 1234;

    public static void Write(EvaluationReport report, Stream stream) => ReportJson.WriteIndented(stream, writer =>
    {
        WriteResults(writer, report);
        WriteGroups(writer, report);
        WriteTaskFacts(writer, report);
        WriteRunFacts(writer, report);
    });

    private static void WriteResults(Utf8JsonWriter writer, EvaluationReport report)
    {
        writer.WriteStartObject("results");
        foreach (TaskReport task in report.Tasks)
            WriteMetrics(writer, task.Info.Name, task.Info.Alias, task.Examples.Count, task.Metrics);
        foreach (GroupReport group in report.Groups)
            WriteGroup(writer, group, report);
        writer.WriteEndObject();
    }

    private static void WriteGroups(Utf8JsonWriter writer, EvaluationReport report)
    {
        if (report.Groups.Count > 0)
        {
            writer.WriteStartObject("groups");
            foreach (GroupReport group in report.Groups)
                WriteGroup(writer, group, report);
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

    private static void WriteGroup(Utf8JsonWriter writer, GroupReport group, EvaluationReport report)
        => WriteMetrics(writer, group.Group.Name, group.Group.Alias, MembersOf(group, report).Sum(task => task.Examples.Count), group.Metrics);

    private static void WriteMetrics(Utf8JsonWriter writer, string name, string? alias, int count, IReadOnlyList<MetricResult> metrics)
    {
        writer.WriteStartObject(name);
        writer.WriteString("name", name);
        writer.WriteString("alias", alias ?? name);
        writer.WriteNumber("sample_len", count);
        foreach (MetricResult result in metrics)
        {
            WriteNumber(writer, result.Metric.Key, result.Value);
            WriteNumber(writer, $"{result.Metric.Name}_stderr,{result.Metric.Filter}", result.StandardError ?? double.NaN);
        }

        writer.WriteEndObject();
    }

    private static IEnumerable<TaskReport> MembersOf(GroupReport group, EvaluationReport report)
        => report.Tasks.Where(task => group.TaskNames.Contains(task.Info.Name));

    private static void WriteTaskFacts(Utf8JsonWriter writer, EvaluationReport report)
    {
        WriteEach(writer, "configs", report, task =>
        {
            if (task.Info.Configuration.ValueKind == JsonValueKind.Object)
                task.Info.Configuration.WriteTo(writer);
            else
                WriteConfiguration(writer, task.Info);
        });
        WriteEach(writer, "versions", report, task => WriteVersion(writer, task.Info.Version), group => WriteVersion(writer, group.Group.Version));
        WriteEach(writer, "n-shot", report, task => writer.WriteNumberValue(task.Info.FewShotCount), group =>
        {
            // A group has a number if all its tasks have the same.
            int[] counts = [.. MembersOf(group, report).Select(task => task.Info.FewShotCount).Distinct()];
            if (counts is [int count])
                writer.WriteNumberValue(count);
            else
                writer.WriteNullValue();
        });
        WriteEach(
            writer, "higher_is_better", report, task => WriteDirections(writer, task.Metrics),
            group => WriteDirections(writer, [.. MembersOf(group, report).SelectMany(task => task.Metrics)]));
        WriteEach(writer, "n-samples", report, task =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("original", task.TotalExampleCount);
            writer.WriteNumber("effective", task.Examples.Count);
            writer.WriteEndObject();
        });
    }

    private static void WriteDirections(Utf8JsonWriter writer, IReadOnlyList<MetricResult> metrics)
    {
        writer.WriteStartObject();
        foreach (TaskMetric metric in metrics.Select(result => result.Metric).DistinctBy(metric => metric.Name))
            writer.WriteBoolean(metric.Name, metric.HigherIsBetter);
        writer.WriteEndObject();
    }

    private static void WriteEach(Utf8JsonWriter writer, string name, EvaluationReport report, Action<TaskReport> write, Action<GroupReport>? writeGroup = null)
    {
        writer.WriteStartObject(name);
        foreach (TaskReport task in report.Tasks)
        {
            writer.WritePropertyName(task.Info.Name);
            write(task);
        }

        foreach (GroupReport group in writeGroup is null ? [] : report.Groups)
        {
            writer.WritePropertyName(group.Group.Name);
            writeGroup!(group);
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
        writer.WriteNull("gen_kwargs");
        writer.WriteNumber("random_seed", RandomSeed);
        writer.WriteNumber("numpy_seed", OtherSeed);
        writer.WriteNumber("torch_seed", report.Seed ?? OtherSeed);
        writer.WriteNumber("fewshot_seed", OtherSeed);
        writer.WriteEndObject();
        writer.WriteNumber("date", report.StartTime.ToUnixTimeMilliseconds() / 1000.0);
        writer.WriteString("model_source", "llama2");
        writer.WriteString("model_name", report.ModelName);
        WriteEach(writer, "task_hashes", report, task => writer.WriteStringValue(DocumentHash.OfRequests(task)));
        writer.WriteString("total_evaluation_time_seconds", PythonNumber.Format(report.Duration.TotalSeconds));
        WriteOwnFacts(writer, report);
    }

    private static void WriteOwnFacts(Utf8JsonWriter writer, EvaluationReport report)
    {
        writer.WriteStartObject("llama2");
        writer.WriteString("version", report.LibraryVersion);
        writer.WriteString("fingerprint", report.Fingerprint);
        writer.WriteString("processor", report.Processor);
        if (report.Seed is { } seed)
            writer.WriteNumber("seed", seed);
        writer.WriteNumber("truncated_requests", report.TruncatedRequestCount);
        writer.WriteNumber("stored_responses", report.StoredResponseCount);
        WriteEach(writer, "data_digests", report, task => writer.WriteStringValue(DocumentHash.Of(task)));
        WriteEach(writer, "aggregations", report, task =>
        {
            writer.WriteStartObject();
            foreach (MetricResult result in task.Metrics)
                writer.WriteString(result.Metric.Key, result.Metric.Aggregation.Name);
            writer.WriteEndObject();
        });
        writer.WriteStartArray("unweighted_groups");
        foreach (GroupReport group in report.Groups.Where(group => !group.Group.IsWeightedBySize))
            writer.WriteStringValue(group.Group.Name);
        writer.WriteEndArray();
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
