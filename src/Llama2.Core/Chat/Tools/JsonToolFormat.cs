using System.Text;
using System.Text.Json;

namespace Llama2.Chat.Tools;

/// <summary>JSON between tags, with which Hermes 2 Pro was fine-tuned: see <see cref="ToolFormat.Json"/>.</summary>
internal sealed class JsonToolFormat : TextToolFormat
{
    private const string Start = "<tool_call>", End = "</tool_call>", ResultStart = "<tool_response>", ResultEnd = "</tool_response>";

    protected internal override IReadOnlyList<string> Tags { get; } = [Start, End, ResultStart, ResultEnd];

    protected internal override string CallStart => Start;

    protected internal override string AfterArguments => "}\n" + End;

    protected internal override string CallEnd => End;

    public override string WriteResult(string result, string? name = null) =>
        $"{ResultStart}\n{{{(name is null ? "" : $"\"name\": {Quote(name)}, ")}\"content\": {ToolJson.OfResult(result)}}}\n{ResultEnd}";

    protected internal override string BeforeArguments(string name) => $"{Start}\n{{\"name\": {Quote(name)}, \"arguments\": ";

    // A call that was generated without a constraint may have different white space than BeforeArguments and AfterArguments.
    protected internal override LlamaToolCall? ReadCall(string text)
    {
        try
        {
            JsonElement call = JsonElement.Parse(text.AsSpan()[Start.Length..^End.Length]);
            return call.ValueKind == JsonValueKind.Object
                && call.TryGetProperty("name"u8, out JsonElement name) && name.ValueKind == JsonValueKind.String
                && call.TryGetProperty("arguments"u8, out JsonElement arguments) && arguments.ValueKind == JsonValueKind.Object
                ? new LlamaToolCall(name.GetString()!, arguments)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    protected override string WriteTools(IReadOnlyList<LlamaTool> tools)
    {
        var text = new StringBuilder("You can call tools. These are their descriptions, and the JSON Schemas of their arguments:\n");
        foreach (LlamaTool tool in tools)
            text.Append($$"""{"name": {{Quote(tool.Name)}}, "description": {{Quote(tool.Description)}}, "parameters": {{tool.ParametersSchema}}}""").Append('\n');
        return text.Append("To call a tool, write:\n")
            .Append(Start).Append("\n{\"name\": \"the tool's name\", \"arguments\": {}}\n").Append(End)
            .Append("\nThe next message then contains the result, between ").Append(ResultStart).Append(" and ").Append(ResultEnd).Append('.').ToString();
    }
}
