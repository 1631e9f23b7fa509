using System.Text.Json;
using Llama2.Evaluation.Harness.Functions;
using Llama2.Evaluation.Harness.Templates;
using Llama2.Evaluation.Harness.Yaml;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>
/// What a task file says, read and checked: everything that does not depend on documents. A fault of the file is found here, before data are read.
/// Immutable and thread-safe.
/// </summary>
internal sealed class TaskSettings
{
    /// <summary>Reads a task file.</summary>
    /// <exception cref="HarnessTaskException">The file is malformed, or needs a feature that is not supported.</exception>
    public TaskSettings(TaskFile file, HarnessTaskOptions options)
    {
        File = file;
        Options = options;
        if (file.Find("class") is { } type)
            throw FunctionTable.Unknown(type, "class", $"the class '{type.Text}'", file.Name);
        file.CheckKeys();
        string outputType = file.Text("output_type") ?? OutputTypeName.Of(DocumentOutput.Generation);
        Output = OutputTypeName.Find(outputType)
            ?? throw file.Find("output_type")!.Fault("output_type", $"'{outputType}' is not one of {string.Join(", ", OutputTypeName.All)}");
        Dataset = file.Dataset ?? throw file.Configuration.Fault("dataset_path", "the file states no data set");
        int? stated = file.Integer("num_fewshot", 0, 100);
        // As in the harness, a task that states 0 keeps it.
        FewShotCount = stated == 0 ? 0 : options.FewShotCount ?? stated ?? 0;
        RepeatCount = file.Integer("repeats", 1, 10_000) ?? 1;
        Filters = new FilterReader(file).Read(RepeatCount);
        if (Output != DocumentOutput.Generation && Filters.Any(filter => filter.Filters.Any(step => step is not TakeFirstFilter)))
            throw file.Find("filter_list")!.Fault("filter_list", "only answers that are generated can be filtered");
        Metrics = new MetricReader(file, Output).Read([.. Filters.Select(filter => filter.Name)]);
        TargetDelimiter = file.Text("target_delimiter") ?? " ";
        FewShotDelimiter = file.Text("fewshot_delimiter") ?? "\n\n";
        Generation = Output == DocumentOutput.Generation ? GenerationReader.Read(file, FewShotDelimiter, options.MaxTokens) : new GenerationRequest("");
        Text = Source("doc_to_text") ?? throw file.Configuration.Fault("doc_to_text", "the file does not state it");
        Target = Source("doc_to_target") ?? throw file.Configuration.Fault("doc_to_target", "the file does not state it");
        Choices = file.Find("doc_to_choice") is { } choices ? ValueSource.ParseChoices(choices, "doc_to_choice", file) : null;
        if (Output == DocumentOutput.MultipleChoice && Choices is null)
            throw file.Configuration.Fault("doc_to_choice", "a task of the type multiple_choice needs it");
        Description = Template(file.Find("description"), "description");
        AnswerPrefix = Template(file.Find("gen_prefix"), "gen_prefix");
        Process = file.Find("process_docs") is { } process ? ProcessingOf(process, "process_docs") : null;
        FewShots = new FewShotSettings(this);
    }

    public TaskFile File { get; }

    public HarnessTaskOptions Options { get; }

    public DocumentOutput Output { get; }

    /// <summary>The data set's name.</summary>
    public string Dataset { get; }

    public int FewShotCount { get; }

    public int RepeatCount { get; }

    public IReadOnlyList<FilterPipeline> Filters { get; }

    public IReadOnlyList<DocumentMetric> Metrics { get; }

    public string TargetDelimiter { get; }

    public string FewShotDelimiter { get; }

    public GenerationRequest Generation { get; }

    public ValueSource Text { get; }

    public ValueSource Target { get; }

    /// <summary>Makes the choices; null if the task has none.</summary>
    public ValueSource? Choices { get; }

    /// <summary>Makes the text before the examples; null for none.</summary>
    public TaskTemplate? Description { get; }

    /// <summary>Makes the beginning of the answer; null for none.</summary>
    public TaskTemplate? AnswerPrefix { get; }

    /// <summary>Changes or selects the documents; null for all as they are.</summary>
    public Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>>? Process { get; }

    /// <summary>The few-shot examples.</summary>
    public FewShotSettings FewShots { get; }

    /// <summary>The operation of a function on documents.</summary>
    public Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>> ProcessingOf(YamlValue value, string key) => value.Kind == YamlKind.Function
        ? DocumentProcessing.Of(FunctionTable.Find(value, key, File.Dataset, File.Name))
        : throw value.Fault(key, "it is not a function");

    /// <summary>A template that may be missing or empty.</summary>
    public static TaskTemplate? Template(YamlValue? value, string key) => value switch
    {
        null or { Kind: YamlKind.Text, Text: "" } => null,
        { Kind: YamlKind.Text } => TaskTemplate.Parse(value, key),
        { Kind: YamlKind.Function } => throw value.Fault(key, $"the function '{value.Text}' is written in Python, which is not run here; write it as a template"),
        _ => throw value.Fault(key, "it is not a text"),
    };

    private ValueSource? Source(string key) => File.Find(key) is { } value ? ValueSource.Parse(value, key, File) : null;
}
