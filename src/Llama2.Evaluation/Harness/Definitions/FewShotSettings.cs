using System.Text.Json;
using Llama2.Evaluation.Harness.Templates;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>What a task file says about few-shot examples: <c>fewshot_config</c>, whose keys replace those of the task. Immutable and thread-safe.</summary>
internal sealed class FewShotSettings
{
    private const string Key = "fewshot_config";
    private const int MaxSampleCount = 10_000;

    private static readonly HashSet<string> s_known =
    [
        "sampler", "split", "process_docs", "fewshot_indices", "samples", "doc_to_text", "doc_to_choice", "doc_to_target", "gen_prefix", "fewshot_delimiter",
        "target_delimiter",
    ];

    /// <summary>Reads the settings.</summary>
    /// <exception cref="HarnessTaskException">A setting is malformed or not supported.</exception>
    public FewShotSettings(TaskSettings task)
    {
        YamlValue? config = task.File.Find(Key);
        if (config is not null && config.Kind != YamlKind.Map)
            throw config.Fault(Key, "it is not a map");
        foreach ((string key, YamlValue value) in config?.Entries ?? [])
        {
            if (!s_known.Contains(key))
                throw value.Fault(Key, $"lm-evaluation-harness has no key '{key}' here; its keys are {string.Join(", ", s_known)}");
        }

        var inner = new TaskFile(task.File.Name, config is null ? task.File.Configuration : task.File.Configuration.With(config.Entries));
        string sampler = config?.Find("sampler")?.Text ?? "default";
        TakesFirst = sampler switch
        {
            "default" => false,
            "first_n" => true,
            _ => throw config!.Find("sampler")!.Fault(Key, $"the sampler '{sampler}' is not supported; the samplers are default and first_n"),
        };
        Split = config?.Find("split")?.Text ?? task.File.Text("fewshot_split");
        Text = ValueSource.Parse(inner.Find("doc_to_text")!, "doc_to_text", inner);
        Target = ValueSource.Parse(inner.Find("doc_to_target")!, "doc_to_target", inner);
        Choices = inner.Find("doc_to_choice") is { } choices ? ValueSource.ParseChoices(choices, "doc_to_choice", inner) : null;
        AnswerPrefix = TaskSettings.Template(inner.Find("gen_prefix"), "gen_prefix");
        Delimiter = inner.Text("fewshot_delimiter") ?? "\n\n";
        TargetDelimiter = inner.Text("target_delimiter") ?? " ";
        Process = config?.Find("process_docs") is { } process ? task.ProcessingOf(process, "process_docs") : task.Process;
        Samples = config?.Find("samples") is { } samples ? ReadSamples(samples, task.File) : null;
        Indices = config?.Find("fewshot_indices") is { } indices
            ? [.. indices.Items.Select(index => TaskFile.IntegerOf(index, Key, 0, int.MaxValue))]
            : null;
    }

    /// <summary>Whether the first examples are taken; otherwise they are drawn at random.</summary>
    public bool TakesFirst { get; }

    /// <summary>The split; null if the file states none.</summary>
    public string? Split { get; }

    public ValueSource Text { get; }

    public ValueSource Target { get; }

    public ValueSource? Choices { get; }

    public TaskTemplate? AnswerPrefix { get; }

    public string Delimiter { get; }

    public string TargetDelimiter { get; }

    public Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>>? Process { get; }

    /// <summary>The examples that the file itself has; null if it has none.</summary>
    public IReadOnlyList<JsonElement>? Samples { get; }

    /// <summary>The indices of the examples that may be used; null for all.</summary>
    public IReadOnlyList<int>? Indices { get; }

    private static JsonElement[] ReadSamples(YamlValue samples, TaskFile file)
    {
        if (samples.Kind == YamlKind.Function)
            throw Functions.FunctionTable.Unknown(samples, Key, $"the function '{samples.Text}'", file.Name);
        if (samples.Kind != YamlKind.List || samples.Items.Count > MaxSampleCount || samples.Items.Any(sample => sample.Kind != YamlKind.Map))
            throw samples.Fault(Key, $"'samples' is not a list of at most {MaxSampleCount} maps");
        return [.. samples.Items.Select(sample => sample.ToJson())];
    }
}
