using Llama2.Evaluation.Harness.Yaml;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>Reads <c>filter_list</c>: the named steps that extract answers from generated texts (<c>lm_eval/filters</c>).</summary>
/// <param name="file">The task.</param>
internal sealed class FilterReader(TaskFile file)
{
    private const string Key = "filter_list", Names = "regex, multi_choice_regex, take_first, take_first_k, majority_vote, remove_whitespace, lowercase, uppercase and map";
    private const int MaxCount = 100;

    /// <summary>Reads the filters; the default if the file states none.</summary>
    /// <param name="repeatCount">The number of answers to each question.</param>
    /// <exception cref="HarnessTaskException">A filter is malformed, unknown, or needs Python.</exception>
    public IReadOnlyList<FilterPipeline> Read(int repeatCount)
    {
        if (file.Find(Key) is not { } list)
            return [FilterPipeline.TakeFirst];
        if (list.Kind != YamlKind.List || list.Items.Count is 0 or > MaxCount)
            throw list.Fault(Key, $"it is not a list of 1 to {MaxCount} filters");
        FilterPipeline[] pipelines = [.. list.Items.Select(item => ReadPipeline(item, repeatCount))];
        return pipelines.DistinctBy(pipeline => pipeline.Name).Count() == pipelines.Length ? pipelines : throw list.Fault(Key, "two filters have the same name");
    }

    private FilterPipeline ReadPipeline(YamlValue pipeline, int repeatCount)
    {
        if (pipeline.Find("name") is not { Kind: YamlKind.Text } name || pipeline.Find("filter") is not { Kind: YamlKind.List } steps || steps.Items.Count > MaxCount)
            throw pipeline.Fault(Key, "a filter has no 'name', or no list of steps 'filter'");
        return new FilterPipeline(name.Text, [.. steps.Items.Select(step => ReadStep(step, repeatCount))]);
    }

    private AnswerFilter ReadStep(YamlValue step, int repeatCount)
    {
        YamlValue name = step.Find("function") ?? throw step.Fault(Key, "a step has no 'function'");
        if (step.Entries.FirstOrDefault(entry => entry.Value.Kind == YamlKind.Function).Value is { } python)
            throw Functions.FunctionTable.Unknown(python, Key, $"the filter '{python.Text}'", file.Name);
        switch (name.Text)
        {
            case "regex":
                CheckOptions(step, "regex_pattern", "group_select", "fallback");
                return new RegexFilter(PatternOf(step), IndexOf(step), FallbackOf(step));
            case "multi_choice_regex":
                CheckOptions(step, "regex_pattern", "group_select", "fallback", "ignore_case", "ignore_punctuation", "regexes_to_ignore");
                return new ChoiceRegexFilter(PatternOf(step), IndexOf(step), FallbackOf(step), SimplifierOf(step));
            case "take_first":
                return new TakeFirstFilter(1);
            case "take_first_k":
                int count = TaskFile.IntegerOf(step.Find("k") ?? throw step.Fault(Key, "'take_first_k' has no 'k'"), Key, 1, 10_000);
                return count <= repeatCount
                    ? new TakeFirstFilter(count)
                    : throw step.Fault(Key, $"'take_first_k' takes {count} answers, but 'repeats' is {repeatCount}; raise 'repeats'");
            case "majority_vote":
                return new MajorityVoteFilter();
            case "remove_whitespace":
                return new TextFilter(PythonString.Strip);
            case "lowercase":
                return new TextFilter(PythonString.Lower);
            case "uppercase":
                return new TextFilter(PythonString.Upper);
            case "map":
                return ReadMap(step);
            default:
                throw name.Fault(Key, $"there is no filter '{name.Text}'; the filters are {Names}");
        }
    }

    private static MapFilter ReadMap(YamlValue step)
    {
        CheckOptions(step, "mapping_dict", "default_value");
        var mapping = new Dictionary<string, string>();
        foreach ((string answer, YamlValue value) in step.Find("mapping_dict")?.Entries ?? [])
            mapping[answer] = value.Text;
        // An answer that is not in the table becomes None, which equals no target.
        return new MapFilter(mapping, step.Find("default_value")?.Text ?? "None");
    }

    private static Func<string, string> SimplifierOf(YamlValue step)
    {
        PythonRegex[] ignored = [.. step.Find("regexes_to_ignore") is { } regexes ? TaskFile.TextsOf(regexes, Key).Select(regex => Parse(regex, regexes)) : []];
        bool ignoresCase = TaskFile.BooleanOf(step.Find("ignore_case"), Key), ignoresPunctuation = TaskFile.BooleanOf(step.Find("ignore_punctuation"), Key);
        return text =>
        {
            text = ignored.Aggregate(text, (current, regex) => regex.Replace(current, ""));
            if (ignoresCase)
                text = PythonString.Lower(text);
            return ignoresPunctuation ? PythonString.RemoveUnicodePunctuation(text) : text;
        };
    }

    private static void CheckOptions(YamlValue step, params IReadOnlyList<string> names)
    {
        foreach ((string key, YamlValue value) in step.Entries)
        {
            if (key != "function" && !names.Contains(key))
                throw value.Fault(Key, $"the filter '{step.Find("function")!.Text}' has no option '{key}'; its options are {string.Join(", ", names)}");
        }
    }

    private static PythonRegex PatternOf(YamlValue step)
        => step.Find("regex_pattern") is { } pattern ? Parse(pattern.Text, pattern) : PythonRegex.Parse(@"#### (\-?[0-9\.\,]+)");

    private static int IndexOf(YamlValue step) => step.Find("group_select") is { } index ? TaskFile.IntegerOf(index, Key, -1000, 1000) : 0;

    private static string FallbackOf(YamlValue step) => step.Find("fallback")?.Text ?? RegexFilter.DefaultFallback;

    private static PythonRegex Parse(string pattern, YamlValue value)
    {
        try
        {
            return PythonRegex.Parse(pattern);
        }
        catch (EvaluationDataException exception)
        {
            throw value.Fault(Key, exception.Message.TrimEnd('.'), exception);
        }
    }
}
