using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation.Reports;

/// <summary>Reads a report from the files of lm-evaluation-harness' form. The files are untrusted.</summary>
internal static class ResultsReader
{
    private const long MaxByteSize = 256 << 20;
    private const int MaxTaskCount = 10_000;
    private const int MaxGroupDepth = 16;
    private const string StandardErrorSuffix = "_stderr";
    private static readonly string[] s_otherFields = ["name", "alias", "sample_len", "sample_count", "samples"];

    public static EvaluationReport Read(string path)
    {
        if (Directory.Exists(path))
            path = Path.Combine(path, "results.json");
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaxByteSize)
            throw new EvaluationDataException(Invariant($"'{path}' has {file.Length:N0} bytes, more than {MaxByteSize:N0}; a file of results is smaller."));
        try
        {
            using JsonDocument document = JsonDocument.Parse(file);
            return Read(document.RootElement, path);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new EvaluationDataException($"'{path}' is not JSON in UTF-8: {exception.Message}", exception);
        }
    }

    private static EvaluationReport Read(JsonElement root, string path)
    {
        JsonProperty[] results = [.. root.Members("results")];
        if (results.Length is 0 or > MaxTaskCount)
            throw new EvaluationDataException(Invariant($"'{path}' has {results.Length:N0} objects in the field results; it must have 1 to {MaxTaskCount:N0}. Is it a file of results?"));
        Dictionary<string, string[]> groups = root.Members("group_subtasks").DistinctBy(member => member.Name).Take(MaxTaskCount).ToDictionary(
            member => member.Name, member => member.Value.ValueKind == JsonValueKind.Array ? (string[])[.. member.Value.EnumerateArray().Select(item => item.ToString())] : []);
        // In old files, a task is a group without tasks.
        JsonProperty[] tasks = [.. results.Where(result => groups.GetValueOrDefault(result.Name) is null or []).DistinctBy(result => result.Name)];
        TaskReport[] reports = [.. tasks.Select(task => ReadTask(root, task, path))];
        var names = reports.Select(report => report.Info.Name).ToHashSet();
        JsonElement own = root.Member("llama2") ?? default;
        return new EvaluationReport
        {
            ModelName = root.Text("model_name") ?? root.Member("config")?.Text("model_args") ?? "model",
            Fingerprint = own.Text("fingerprint") ?? "",
            Tasks = reports,
            Groups =
            [
                .. results.Where(result => groups.GetValueOrDefault(result.Name) is { Length: > 0 }).DistinctBy(result => result.Name)
                    .Select(result => ReadGroup(root, own, result, groups, names)),
            ],
            StartTime = root.Number("date") is double seconds and > 0 and < 250e9 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : default,
            Duration = root.Number("total_evaluation_time_seconds") is double time and >= 0 and < 1e9 ? TimeSpan.FromSeconds(time) : default,
            MaxExampleCount = root.Member("config")?.Count("limit"),
            Seed = own.Member("seed") is { ValueKind: JsonValueKind.Number } seed && seed.TryGetUInt64(out ulong value) ? value : null,
            LibraryVersion = own.Text("version") ?? "",
            Processor = own.Text("processor") ?? "",
            StoredResponseCount = own.Count("stored_responses") ?? 0,
        };
    }

    private static TaskReport ReadTask(JsonElement root, JsonProperty result, string path)
    {
        string name = result.Name;
        JsonElement configuration = root.Member("configs")?.Member(name) ?? default;
        JsonElement counts = root.Member("n-samples")?.Member(name) ?? default;
        MetricResult[] metrics = ReadMetrics(root, result, configuration, counts.Count("effective") ?? result.Value.Count("sample_len") ?? 0);
        string stem = Path.GetFileNameWithoutExtension(path);
        string suffix = stem.StartsWith("results_", StringComparison.Ordinal) ? stem["results".Length..] : "";
        string samples = Path.Combine(Path.GetDirectoryName(path) ?? "", SamplesFile.NameOf(name, suffix));
        IReadOnlyList<ExampleResult> examples = File.Exists(samples) ? SamplesReader.Read(samples, [.. metrics.Select(metric => metric.Metric)]) : [];
        return new TaskReport(
            new EvaluationTaskInfo(name)
            {
                Alias = result.Value.Text("alias")?.TrimStart(' ', '-') is { Length: > 0 } alias && alias != name ? alias : null,
                Version = root.Member("versions")?.Member(name)?.ToString() ?? "",
                OutputType = configuration.Text("output_type") ?? "",
                FewShotCount = root.Member("n-shot")?.Count(name) ?? 0,
                Description = configuration.Text("description_of_task") ?? "",
                Configuration = configuration.ValueKind == JsonValueKind.Object ? configuration.Clone() : default,
            },
            metrics, examples, counts.Count("original") ?? examples.Count);
    }

    private static GroupReport ReadGroup(JsonElement root, JsonElement own, JsonProperty result, Dictionary<string, string[]> groups, HashSet<string> tasks)
    {
        MetricResult[] metrics = ReadMetrics(root, result, default, result.Value.Count("sample_len") ?? 0);
        var group = new EvaluationTaskGroup(result.Name, groups[result.Name])
        {
            Alias = result.Value.Text("alias")?.TrimStart(' ', '-') is { Length: > 0 } alias && alias != result.Name ? alias : null,
            Version = root.Member("versions")?.Member(result.Name)?.ToString() ?? "",
            Metrics = [.. metrics.Select(metric => metric.Metric.Name).Distinct()],
            IsWeightedBySize = !own.Items("unweighted_groups").Any(item => item.ValueKind == JsonValueKind.String && item.GetString() == result.Name),
        };
        var members = new HashSet<string>();
        Collect(result.Name, groups, tasks, members, [], 0);
        return new GroupReport(group, metrics, [.. members]);
    }

    private static void Collect(string group, Dictionary<string, string[]> groups, HashSet<string> tasks, HashSet<string> members, HashSet<string> visited, int depth)
    {
        if (depth > MaxGroupDepth || !visited.Add(group))
            return;
        foreach (string name in groups[group])
        {
            if (tasks.Contains(name))
                members.Add(name);
            else if (groups.ContainsKey(name))
                Collect(name, groups, tasks, members, visited, depth + 1);
        }
    }

    private static MetricResult[] ReadMetrics(JsonElement root, JsonProperty result, JsonElement configuration, int count)
    {
        List<MetricResult> metrics = [];
        JsonElement aggregations = root.Member("llama2")?.Member("aggregations")?.Member(result.Name) ?? default;
        foreach (JsonProperty field in result.Value.ValueKind == JsonValueKind.Object ? result.Value.EnumerateObject() : default)
        {
            int comma = field.Name.IndexOf(',', StringComparison.Ordinal);
            if (s_otherFields.Contains(field.Name) || field.Value.ValueKind == JsonValueKind.Object)
                continue;
            (string name, string filter) = comma < 0 ? (field.Name, TaskMetric.NoFilter) : (field.Name[..comma], field.Name[(comma + 1)..]);
            if (name.EndsWith(StandardErrorSuffix, StringComparison.Ordinal))
                continue;
            JsonElement described = configuration.Items("metric_list").FirstOrDefault(item => item.Text("metric") == name);
            var metric = new TaskMetric(name, filter)
            {
                Aggregation = RecordedAggregation.Of(aggregations.Text(field.Name) ?? described.Text("aggregation")),
                HigherIsBetter = root.Member("higher_is_better")?.Member(result.Name)?.Member(name)?.ValueKind != JsonValueKind.False,
            };
            double? error = result.Value.Number(comma < 0 ? name + StandardErrorSuffix : $"{name}{StandardErrorSuffix},{filter}");
            metrics.Add(new MetricResult(metric, field.Value.ToNumber() ?? double.NaN, error is { } finite && double.IsFinite(finite) ? finite : null, count));
        }

        return [.. metrics.DistinctBy(metric => metric.Metric.Key)];
    }
}
