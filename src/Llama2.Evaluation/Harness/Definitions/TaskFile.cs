using System.Globalization;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>The configuration of a task, with typed access to its keys. Immutable and thread-safe.</summary>
/// <param name="name">The task's name.</param>
/// <param name="configuration">The map of the task file, with what it includes.</param>
internal sealed class TaskFile(string name, YamlValue configuration)
{
    // lm_eval/config/task.py, and the keys that are removed before.
    private static readonly HashSet<string> s_known =
    [
        "task", "task_alias", "tag", "group", "task_list", "dataset_path", "dataset_name", "dataset_kwargs", "training_split", "validation_split", "test_split",
        "fewshot_split", "process_docs", "doc_to_text", "doc_to_target", "doc_to_choice", "process_results", "description", "target_delimiter", "fewshot_delimiter",
        "fewshot_config", "num_fewshot", "metric_list", "output_type", "generation_kwargs", "repeats", "filter_list", "should_decontaminate",
        "doc_to_decontamination_query", "gen_prefix", "metadata", "unsafe_code",
    ];

    private static readonly HashSet<string> s_unsupported = ["custom_dataset", "doc_to_image", "doc_to_audio", "use_prompt"];

    public string Name => name;

    public YamlValue Configuration => configuration;

    /// <summary>The data set's name; null if the file states none.</summary>
    public string? Dataset => Text("dataset_path");

    /// <summary>Checks that every key is known.</summary>
    /// <exception cref="HarnessTaskException">A key is unknown or not supported.</exception>
    public void CheckKeys()
    {
        foreach ((string key, YamlValue value) in configuration.Entries)
        {
            if (s_unsupported.Contains(key) && value.Kind != YamlKind.Null)
                throw value.Fault(key, "this key is not supported");
            if (!s_known.Contains(key) && !s_unsupported.Contains(key))
                throw value.Fault(key, "lm-evaluation-harness has no such key; correct its spelling, or remove it");
        }
    }

    /// <summary>The value of a key; null if there is none or it is null.</summary>
    public YamlValue? Find(string key) => configuration.Find(key);

    /// <summary>A text; null if there is none. Numbers are texts too.</summary>
    public string? Text(string key) => Find(key) is not { } value ? null
        : value.Kind is YamlKind.Text or YamlKind.Integer or YamlKind.Float or YamlKind.Boolean ? value.Text
        : throw value.Fault(key, "it is not a text");

    /// <summary>A whole number within limits; null if there is none.</summary>
    public int? Integer(string key, int least, int greatest) => Find(key) is { } value ? IntegerOf(value, key, least, greatest) : null;

    /// <summary>A whole number within limits.</summary>
    public static int IntegerOf(YamlValue value, string key, int least, int greatest)
        => value.Kind == YamlKind.Integer && YamlScalar.TryToInteger(value.Text, out long number) && number >= least && number <= greatest
            ? (int)number
            : throw value.Fault(key, string.Create(CultureInfo.InvariantCulture, $"'{value.Text}' is not a whole number from {least:N0} to {greatest:N0}"));

    /// <summary>The texts of a list, or a text as a list of one.</summary>
    public static IReadOnlyList<string> TextsOf(YamlValue value, string key) => value.Kind switch
    {
        YamlKind.List when value.Items.All(item => item.Kind is YamlKind.Text or YamlKind.Integer or YamlKind.Float) => [.. value.Items.Select(item => item.Text)],
        YamlKind.Text => [value.Text],
        _ => throw value.Fault(key, "it is neither a text nor a list of texts"),
    };

    /// <summary>Whether a value is true.</summary>
    public static bool BooleanOf(YamlValue? value, string key) => value is not null
        && (value.Kind == YamlKind.Boolean ? YamlScalar.ToBoolean(value.Text) : throw value.Fault(key, $"'{value.Text}' is neither true nor false"));
}
