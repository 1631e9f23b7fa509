using Llama2.Evaluation.Harness.Functions;
using Llama2.Evaluation.Harness.Yaml;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Scoring.Similarity;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>Reads <c>metric_list</c> and <c>process_results</c>.</summary>
/// <param name="file">The task.</param>
/// <param name="output">The kind of requests.</param>
internal sealed class MetricReader(TaskFile file, DocumentOutput output)
{
    private const string Key = "metric_list", ResultsKey = "process_results";

    /// <summary>Reads the metrics; the defaults if the file states none.</summary>
    /// <param name="filters">The names of the filters, for each of which every metric is computed.</param>
    /// <exception cref="HarnessTaskException">A metric is malformed, unknown, not supported, or needs Python.</exception>
    public IReadOnlyList<DocumentMetric> Read(IReadOnlyList<string> filters)
    {
        Dictionary<string, MetricDefinition>? results = ReadResults();
        (string Name, MetricDefinition Metric)[] metrics = [.. file.Find(Key) is { } list ? ReadList(list, results) : MetricTable.DefaultNames(output).Select(name => (name, Find(name, null, results)))];
        return
        [
            .. filters.SelectMany(filter => metrics.Select(metric => new DocumentMetric(
                new TaskMetric(metric.Name, filter) { Aggregation = metric.Metric.Aggregation, HigherIsBetter = metric.Metric.HigherIsBetter },
                metric.Metric.Compute,
                metric.Metric.IsDegree))),
        ];
    }

    // The metrics of the function that computes all of them.
    private Dictionary<string, MetricDefinition>? ReadResults()
    {
        if (file.Find(ResultsKey) is not { } results)
            return null;
        if (results.Kind != YamlKind.Function)
            throw results.Fault(ResultsKey, "it is not a function");
        return FunctionTable.Find(results, ResultsKey, file.Dataset, file.Name).Definition.Metrics
            .ToDictionary(metric => metric.Metric.Name, metric => new MetricDefinition(metric.Metric.Aggregation, metric.Metric.HigherIsBetter, metric.Compute, metric.IsDegree));
    }

    private IEnumerable<(string Name, MetricDefinition Metric)> ReadList(YamlValue list, Dictionary<string, MetricDefinition>? results)
    {
        if (list.Kind != YamlKind.List || list.Items.Count > 100)
            throw list.Fault(Key, "it is not a list of at most 100 metrics");
        foreach (YamlValue item in list.Items)
        {
            YamlValue name = item.Find("metric") ?? throw item.Fault(Key, "an entry has no 'metric'");
            if (name.Kind == YamlKind.Function)
                throw FunctionTable.Unknown(name, Key, $"the metric '{name.Text}'", file.Name);
            MetricDefinition metric = Find(name.Text, item, results);
            yield return (name.Text, metric with
            {
                Aggregation = item.Find("aggregation") is { } aggregation ? ReadAggregation(aggregation, name.Text, metric) : metric.Aggregation,
                HigherIsBetter = item.Find("higher_is_better") is { } isBetter ? TaskFile.BooleanOf(isBetter, Key) : metric.HigherIsBetter,
            });
        }
    }

    private MetricDefinition Find(string name, YamlValue? item, Dictionary<string, MetricDefinition>? results)
    {
        if (results is not null)
            return results.TryGetValue(name, out MetricDefinition? computed) ? computed : throw Fault(item, $"the function of '{ResultsKey}' computes no metric '{name}'");
        if (item is not null && TaskFile.BooleanOf(item.Find("hf_evaluate"), Key))
            throw Fault(item, $"the metric '{name}' is one of the package evaluate, which is not supported");
        if (output == DocumentOutput.Generation && name == MetricTable.ExactMatchName)
            return MetricTable.ExactMatch(ReadExactMatch(item));
        IReadOnlyDictionary<string, MetricDefinition> known = MetricTable.Of(output);
        if (known.TryGetValue(name, out MetricDefinition? metric))
            return metric;
        string reason = name switch
        {
            "likelihood" => "lm-evaluation-harness defines no working aggregation for it",
            _ => $"the metrics of this kind of task are {string.Join(", ", output == DocumentOutput.Generation ? known.Keys.Prepend(MetricTable.ExactMatchName) : known.Keys)}",
        };
        throw Fault(item, $"the metric '{name}' is not supported: {reason}");
    }

    private static ExactMatch ReadExactMatch(YamlValue? item)
    {
        if (item is null)
            return new ExactMatch();
        foreach ((string key, YamlValue value) in item.Entries)
        {
            if (key is not ("metric" or "aggregation" or "higher_is_better" or "hf_evaluate" or "regexes_to_ignore" or "ignore_case" or "ignore_punctuation" or "ignore_numbers"))
                throw value.Fault(Key, $"the metric '{MetricTable.ExactMatchName}' has no option '{key}'");
        }

        try
        {
            return new ExactMatch
            {
                IgnoredRegexes = item.Find("regexes_to_ignore") is { } regexes ? [.. TaskFile.TextsOf(regexes, Key).Select(PythonRegex.Parse)] : [],
                IgnoresCase = TaskFile.BooleanOf(item.Find("ignore_case"), Key),
                IgnoresPunctuation = TaskFile.BooleanOf(item.Find("ignore_punctuation"), Key),
                IgnoresNumbers = TaskFile.BooleanOf(item.Find("ignore_numbers"), Key),
            };
        }
        catch (EvaluationDataException exception)
        {
            throw item.Fault(Key, exception.Message.TrimEnd('.'), exception);
        }
    }

    private MetricAggregation ReadAggregation(YamlValue name, string metricName, MetricDefinition metric)
    {
        if (name.Kind == YamlKind.Function)
            throw FunctionTable.Unknown(name, Key, $"the aggregation '{name.Text}'", file.Name);
        // Similarities over all texts are made of counts, which other aggregations cannot use.
        if (name.Text != metric.Aggregation.Name && CorpusSimilarity.All.Any(similarity => similarity.Aggregation.Name == name.Text || similarity.Aggregation == metric.Aggregation))
            throw name.Fault(Key, $"the aggregation '{name.Text}' does not fit the metric '{metricName}', whose aggregation is {metric.Aggregation}");
        return metric.Aggregation.Name == name.Text ? metric.Aggregation
            : MetricTable.Aggregations.TryGetValue(name.Text, out MetricAggregation? aggregation) ? aggregation
            : throw name.Fault(Key, $"the aggregation '{name.Text}' is not supported; the aggregations are {string.Join(", ", MetricTable.Aggregations.Keys)}");
    }

    private HarnessTaskException Fault(YamlValue? item, string what) => (item ?? file.Configuration).Fault(item is null ? ResultsKey : Key, what);
}
