using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Converts calls and results of tools between Microsoft.Extensions.AI's contents and messages of a prompt.</summary>
/// <param name="earlier">The messages of the conversation that come before the messages to be read; null for none.</param>
internal sealed class ToolMessages(IEnumerable<LlamaMessage>? earlier)
{
    // Maps the id of each call to the name of the called tool. A result has only this id, but its text in the prompt names the tool.
    private readonly Dictionary<string, string> _names = (earlier ?? []).SelectMany(message => message.ToolCalls).Where(call => call.Id is not null)
        .GroupBy(call => call.Id!).ToDictionary(calls => calls.Key, calls => calls.Last().Name);

    /// <summary>Returns a call that the model wrote, with a new id.</summary>
    public static LlamaToolCall WithId(LlamaToolCall call) => call with { Id = $"call_{Guid.NewGuid():N}" };

    /// <summary>Converts a call that the model wrote to content of a response.</summary>
    public static FunctionCallContent ToContent(LlamaToolCall call) => new(
        call.Id!, call.Name, call.Arguments.EnumerateObject().ToDictionary(argument => argument.Name, object? (argument) => argument.Value));

    /// <summary>Converts a call in a history to a call in a message of the prompt.</summary>
    public LlamaToolCall Read(FunctionCallContent call)
    {
        _names[call.CallId] = call.Name;
        var arguments = new JsonObject();
        foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
            arguments[name] = JsonNode.Parse(ToJson(value).GetRawText());
        return new LlamaToolCall(call.Name, JsonElement.Parse(arguments.ToJsonString())) { Id = call.CallId };
    }

    /// <summary>Converts a result in a history to a message of the prompt.</summary>
    public LlamaMessage Read(FunctionResultContent result)
    {
        JsonElement value = ToJson(result.Exception is null ? result.Result : result.Result ?? "Error: the call failed.");
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : CompactJson.Write(value);
        return new LlamaMessage(LlamaRole.Tool, text) { ToolName = _names.GetValueOrDefault(result.CallId), ToolCallId = result.CallId };
    }

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
