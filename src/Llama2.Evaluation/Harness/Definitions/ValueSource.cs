using System.Text.Json;
using Llama2.Evaluation.Harness.Functions;
using Llama2.Evaluation.Harness.Templates;
using Llama2.Evaluation.Harness.Yaml;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>
/// The value of <c>doc_to_text</c>, <c>doc_to_target</c> or <c>doc_to_choice</c>: a template or the name of a field, a constant, or a function. Exactly one
/// of the properties is set. Immutable and thread-safe.
/// </summary>
/// <param name="value">The value in the task file.</param>
/// <param name="key">Its key.</param>
internal sealed class ValueSource(YamlValue value, string key)
{
    public TaskTemplate? Template { get; private init; }

    /// <summary>A constant.</summary>
    public TaskValue? Constant { get; private init; }

    /// <summary>A function that makes a text, an index or several values.</summary>
    public Func<JsonElement, TaskValue>? Function { get; private init; }

    /// <summary>Reads <c>doc_to_text</c> or <c>doc_to_target</c>.</summary>
    /// <param name="value">The value in the task file.</param>
    /// <param name="key">Its key.</param>
    /// <param name="file">The task.</param>
    /// <exception cref="HarnessTaskException">The value is malformed or needs Python.</exception>
    public static ValueSource Parse(YamlValue value, string key, TaskFile file) => value.Kind switch
    {
        YamlKind.Text => new ValueSource(value, key) { Template = TaskTemplate.Parse(value, key) },
        YamlKind.Integer => new ValueSource(value, key) { Constant = TaskFile.IntegerOf(value, key, int.MinValue, int.MaxValue) },
        YamlKind.List when key == "doc_to_target" => new ValueSource(value, key) { Constant = TaskValue.Of(value.Items.Select(item => Item(item, key))) },
        YamlKind.Function => new ValueSource(value, key) { Function = FunctionOf(FunctionTable.Find(value, key, file.Dataset, file.Name), key) },
        _ => throw value.Fault(key, "it is neither a template, nor a whole number, nor a function"),
    };

    /// <summary>Reads <c>doc_to_choice</c>.</summary>
    /// <inheritdoc cref="Parse"/>
    public static ValueSource ParseChoices(YamlValue value, string key, TaskFile file) => value.Kind switch
    {
        YamlKind.Text => new ValueSource(value, key) { Template = TaskTemplate.Parse(value, key) },
        YamlKind.List => new ValueSource(value, key) { Constant = TaskValue.Of(value.Items.Select(item => Item(item, key))) },
        YamlKind.Map => new ValueSource(value, key) { Constant = TaskValue.Of(value.Entries.Select(entry => Item(entry.Value, key))) },
        YamlKind.Function => new ValueSource(value, key) { Function = ChoicesOf(FunctionTable.Find(value, key, file.Dataset, file.Name)) },
        _ => throw value.Fault(key, "it is neither a template, nor a list, nor a function"),
    };

    /// <summary>Creates the exception for a document whose value cannot be computed.</summary>
    public HarnessTaskException Fault(string what, Exception? cause = null) => value.Fault(key, what, cause);

    private static Func<JsonElement, TaskValue> FunctionOf(KnownFunction function, string key)
        => key == "doc_to_text" ? function.Definition.Text : function.Definition.Target;

    private static Func<JsonElement, TaskValue> ChoicesOf(KnownFunction function)
    {
        Func<JsonElement, IReadOnlyList<string>> choices = function.Definition.Choices!;
        return document => TaskValue.Of(choices(document));
    }

    private static string Item(YamlValue item, string key)
        => item.Kind is YamlKind.Text or YamlKind.Integer or YamlKind.Float ? item.Text : throw item.Fault(key, $"'{item.Text}' is not a text; if it is meant as one, put it in quotes");
}
