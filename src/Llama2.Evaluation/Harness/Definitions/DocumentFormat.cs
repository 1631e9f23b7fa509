using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Tasks;
using Llama2.Templating.Characters;
using Llama2.Templating.Values;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>
/// Makes texts, targets and choices of documents by the rules of lm-evaluation-harness (<c>ConfigurableTask.doc_to_text</c>, <c>doc_to_target</c> and
/// <c>doc_to_choice</c>). Immutable and thread-safe.
/// </summary>
/// <param name="fields">The fields of the documents: a template that equals one of them is its name.</param>
/// <param name="hasChoices">Whether the task has <c>doc_to_choice</c>: targets of digits are then indices.</param>
internal sealed class DocumentFormat(IReadOnlySet<string> fields, bool hasChoices)
{
    /// <summary>Makes a question.</summary>
    /// <exception cref="LlamaException">The document lacks a field, or the template cannot be rendered.</exception>
    public TaskValue Text(ValueSource source, JsonElement document)
    {
        if (source.Template is not { } template)
            return source.Constant ?? source.Function!(document);
        if (fields.Contains(template.Source))
            return Field(source, document);
        string text = template.Render(document);
        return hasChoices && IsDigits(text) ? ToIndex(source, text) : text;
    }

    /// <summary>Makes a target.</summary>
    /// <inheritdoc cref="Text"/>
    public TaskValue Target(ValueSource source, JsonElement document)
    {
        if (source.Template is not { } template)
            return source.Constant ?? source.Function!(document);
        if (fields.Contains(template.Source))
            return Field(source, document);
        string text = template.Render(document);
        if (hasChoices && IsDigits(text))
            return ToIndex(source, text);
        return text.Length >= 2 && text[0] == '[' && text[^1] == ']' && ReadLiteral(text) is ListValue { Kind: ListKind.List } list ? ToValue(list) : text;
    }

    /// <summary>Makes the choices.</summary>
    /// <inheritdoc cref="Text"/>
    public IReadOnlyList<string> Choices(ValueSource source, JsonElement document)
    {
        TaskValue choices = source.Template is not { } template ? source.Constant ?? source.Function!(document)
            : fields.Contains(template.Source) ? Field(source, document)
            : ReadLiteral(template.Render(document)) is ListValue list ? ToValue(list)
            : throw source.Fault("the template does not give a Python list such as ['a', 'b']");
        return choices.List is { Count: > 0 } items
            ? [.. items.Select(item => item.ToText(null))]
            : throw source.Fault("it gives no list with at least one choice");
    }

    /// <summary>Python's <c>str</c> of a value, which is the target of tasks that expect a text.</summary>
    public static string Print(TaskValue value) => value.List is { } items
        ? PythonString.Print(new ListValue([.. items.Select(item => item.Index is { } index ? IntegerValue.Of(index) : (TemplateValue)TextValue.OfData(item.Text ?? ""))]))
        : value.ToText(null);

    private TaskValue Field(ValueSource source, JsonElement document)
    {
        if (!document.TryGetProperty(source.Template!.Source, out JsonElement field))
            throw source.Fault($"a document has no field '{source.Template.Source}'");
        try
        {
            return ToValue(JsonValue.Read(field));
        }
        catch (PromptTemplateException exception)
        {
            throw source.Fault($"the field '{source.Template.Source}' cannot be read: {exception.What}", exception);
        }
    }

    private TaskValue ToValue(TemplateValue value) => value switch
    {
        TextValue text => text.Text,
        IntegerValue integer when hasChoices && integer.Value >= int.MinValue && integer.Value <= int.MaxValue => (int)integer.Value,
        BooleanValue boolean when hasChoices => boolean.Value ? 1 : 0,
        ListValue list => TaskValue.Of([.. list.AsEnumerable().Select(ToValue)]),
        _ => PythonString.Print(value),
    };

    private static TaskValue ToIndex(ValueSource source, string digits)
        => PythonLiteral.Read(digits) is IntegerValue integer && integer.Value <= int.MaxValue
            ? (int)integer.Value
            : throw source.Fault($"the template gives '{digits}', which is not a whole number in Python");

    private static bool IsDigits(string text) => text.Length > 0 && text.EnumerateRunes().All(rune => TextKind.IsDigit(rune.Value));

    private static TemplateValue? ReadLiteral(string text)
    {
        try
        {
            return PythonLiteral.Read(text);
        }
        catch (PromptTemplateException)
        {
            // A malformed escape: the text is not a literal.
            return null;
        }
    }
}
