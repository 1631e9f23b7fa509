using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Converts calls and results of tools between Microsoft.Extensions.AI's contents and the text of a conversation.</summary>
internal sealed class ToolMessages
{
    // The tool's name by the id of a call: a result has only the id, but its text in the prompt names the tool.
    private readonly Dictionary<string, string> _names = [];

    /// <summary>A call that the model wrote.</summary>
    public static FunctionCallContent ToContent(LlamaToolCall call) => new(
        $"call_{Guid.NewGuid():N}", call.Name, call.Arguments.EnumerateObject().ToDictionary(argument => argument.Name, object? (argument) => argument.Value));

    /// <summary>The text of a call in a history.</summary>
    public string Write(FunctionCallContent call)
    {
        _names[call.CallId] = call.Name;
        var arguments = new JsonObject();
        foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
            arguments[name] = JsonNode.Parse(ToJson(value).GetRawText());
        return ToolFormat.WriteCall(new LlamaToolCall(call.Name, JsonElement.Parse(arguments.ToJsonString())));
    }

    /// <summary>The text of a result in a history.</summary>
    public string Write(FunctionResultContent result) =>
        ToolFormat.WriteResult(ToJson(result.Exception is null ? result.Result : result.Result ?? "Error: the call failed."), _names.GetValueOrDefault(result.CallId));

    private static JsonElement ToJson(object? value) => value switch
    {
        JsonElement { ValueKind: not JsonValueKind.Undefined } element => element,
        JsonNode node => JsonElement.Parse(node.ToJsonString()),
        null or JsonElement => JsonElement.Parse("null"),
        AIContent content when content is not TextContent => throw new NotSupportedException(
            $"The result of a tool is {content.GetType().Name}; the model reads text only: return text, or a value that can be written as JSON."),
        TextContent text => ToJson(text.Text),
        _ => JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
    };
}
