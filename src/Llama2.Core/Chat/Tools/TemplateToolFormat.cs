using System.Text.Json;
using Llama2.Templating.Values;

namespace Llama2.Chat.Tools;

/// <summary>
/// A chat template's own way of calling tools. The template writes the tools, calls and results of a conversation; this class knows how a call is
/// written in an answer: the tool's name and the arguments, between texts that do not depend on the call.
/// </summary>
internal sealed class TemplateToolFormat : ToolFormat
{
    private static readonly TextValue s_type = TextValue.Own("type"), s_function = TextValue.Own("function"), s_name = TextValue.Own("name"),
        s_description = TextValue.Own("description"), s_parameters = TextValue.Own("parameters"), s_arguments = TextValue.Own("arguments"), s_id = TextValue.Own("id");

    /// <summary>The text before the name.</summary>
    public required string BeforeName { get; init; }

    /// <summary>The text between the name and the arguments.</summary>
    public required string AfterName { get; init; }

    /// <summary>The text after the arguments.</summary>
    public required string After { get; init; }

    /// <summary>The text between two calls; null if an answer may have only one call.</summary>
    public required string? Separator { get; init; }

    /// <summary>Whether the template expects the arguments as JSON text instead of as a value.</summary>
    public required bool TakesTextAsArguments { get; init; }

    // If the text before the name begins with a tag, this is the tag, so that an answer cannot contain the tag without a call. Otherwise it is the
    // whole text before the name.
    protected internal override string CallStart => BeforeName[0] switch
    {
        '<' when BeforeName.IndexOf('>') is var end and >= 0 => BeforeName[..(end + 1)],
        '[' when BeforeName.IndexOf(']') is var end and >= 0 => BeforeName[..(end + 1)],
        _ => BeforeName,
    };

    protected internal override string AfterArguments => After;

    protected internal override string? CallSeparator => Separator;

    /// <summary>The value of a template's variable <c>tools</c>: functions as in OpenAI's protocol. Names, descriptions and schemas are data.</summary>
    public static ListValue Describe(IReadOnlyList<LlamaTool> tools) => new([.. tools.Select(tool => (TemplateValue)new DictionaryValue(
    [
        new(s_type, s_function),
        new(s_function, new DictionaryValue(
        [
            new(s_name, TextValue.OfData(tool.Name)),
            new(s_description, TextValue.OfData(tool.Description)),
            new(s_parameters, JsonValue.Read(JsonElement.Parse(tool.ParametersSchema))),
        ])),
    ]))]);

    /// <summary>The value of a message's <c>tool_calls</c>.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="takesText">Whether the arguments are JSON text instead of a value.</param>
    public static ListValue Describe(IReadOnlyList<LlamaToolCall> calls, bool takesText) => new([.. calls.Select(call => Describe(call, takesText))]);

    protected internal override string BeforeArguments(string name) => name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.')
        ? BeforeName + name + AfterName
        : throw new ArgumentException(
            $"The model's chat template cannot write the tool's name '{name}': use letters of ASCII, digits, '_', '-' and '.', or another tool format ({nameof(PromptFormat)}.{nameof(PromptFormat.WithToolFormat)}).", nameof(name));

    protected internal override LlamaToolCall? ReadCall(string text)
    {
        if (!text.StartsWith(BeforeName, StringComparison.Ordinal) || !text.EndsWith(After, StringComparison.Ordinal))
            return null;
        int nameEnd = text.IndexOf(AfterName, BeforeName.Length, StringComparison.Ordinal), argumentStart = nameEnd + AfterName.Length, argumentEnd = text.Length - After.Length;
        if (nameEnd <= BeforeName.Length || argumentStart > argumentEnd)
            return null;
        try
        {
            JsonElement arguments = JsonElement.Parse(text.AsSpan(argumentStart, argumentEnd - argumentStart));
            return arguments.ValueKind == JsonValueKind.Object ? new LlamaToolCall(text[BeforeName.Length..nameEnd], arguments) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DictionaryValue Describe(LlamaToolCall call, bool takesText)
    {
        TemplateValue arguments = takesText ? TextValue.OfData(ToolJson.Write(call.Arguments)) : JsonValue.Read(call.Arguments);
        var function = new DictionaryValue([new(s_name, TextValue.OfData(call.Name)), new(s_arguments, arguments)]);
        KeyValuePair<TemplateValue, TemplateValue>[] id = call.Id is null ? [] : [new(s_id, TextValue.OfData(call.Id))];
        return new DictionaryValue([.. id, new(s_type, s_function), new(s_function, function)]);
    }
}
