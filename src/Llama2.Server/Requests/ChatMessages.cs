using System.Text.Json;
using Llama2.Server.Errors;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Requests;

/// <summary>Reads the messages of a chat.</summary>
internal sealed class ChatMessages
{
    /// <summary>
    /// The maximum number of parts of a message's content; a program that splits texts into parts makes a few, and each part takes memory in addition to its
    /// text.
    /// </summary>
    public const int MaxPartCount = 4096;

    // The ids of the calls that have been read: without the call, the model could not know to which call a result belongs.
    private readonly HashSet<string> _calls = [];

    /// <summary>Reads the messages.</summary>
    /// <exception cref="RequestException">A message is not valid, or has content that the model cannot read.</exception>
    public static ChatMessage[] Read(RequestValue messages)
    {
        var reader = new ChatMessages();
        RequestValue[] values = messages.List(1, PromptFormat.MaxMessageCount);
        ChatMessage[] read = [.. values.Select(reader.ReadMessage)];
        return read[^1].Contents.OfType<FunctionCallContent>().Any()
            ? throw new RequestValue(default, $"{values[^1].Path}.tool_calls").Refuse("must be followed by a message of the role 'tool' for each call.")
            : read;
    }

    private ChatMessage ReadMessage(RequestValue value)
    {
        RequestObject message = value.Object();
        string role = message.Require("role").Text("system", "developer", "user", "assistant", "tool");
        // Prompt formats have no place for the name of a participant.
        message.TakeTexts("name");
        var read = new ChatMessage(new ChatRole(role), role switch
        {
            "assistant" => ReadAssistant(message),
            "tool" => [ReadResult(message)],
            _ => [new TextContent(ReadText(message.Require("content")))],
        });
        message.End();
        return read;
    }

    private List<AIContent> ReadAssistant(RequestObject message)
    {
        List<AIContent> contents = [];
        RequestValue? content = message.Take("content"), calls = message.Take("tool_calls");
        if (content is { } text)
            contents.Add(new TextContent(ReadText(text)));
        if (calls is { } list)
            contents.AddRange(list.List(0, ToolFields.MaxCallCount).Select(ReadCall));
        if (contents.Count == 0)
            message.Require("content");

        // Clients send an answer back as they received it, with fields that have no effect.
        message.Take("annotations")?.List(0, 0);
        message.Refuse("refusal", "audio", "function_call");
        return contents;
    }

    private FunctionCallContent ReadCall(RequestValue value)
    {
        RequestObject call = value.Object();
        string id = call.Require("id").Text();
        call.Require("type").Text("function");
        RequestObject function = call.Require("function").Object();
        string name = function.Require("name").Text(1, LlamaTool.MaxNameLength);
        Dictionary<string, object?> arguments = ReadArguments(function.Require("arguments"));
        function.End();
        call.End();
        _calls.Add(id);
        return new FunctionCallContent(id, name, arguments);
    }

    /// <summary>Reads the arguments of a call: a JSON object as text. A function without parameters is often called with an empty text.</summary>
    public static Dictionary<string, object?> ReadArguments(RequestValue value)
    {
        string text = value.Text();
        try
        {
            return ReadArguments(text, value.Path);
        }
        catch (JsonException)
        {
            throw value.Refuse("is not valid JSON; the arguments of a call are a JSON object as text.");
        }
        catch (InvalidOperationException)
        {
            // The parser compares the names of fields.
            throw value.Refuse("has a field whose name has half of a surrogate pair, which is not a character.");
        }
    }

    /// <summary>Reads the arguments of a call.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static Dictionary<string, object?> ReadArguments(string text, string path = "") => string.IsNullOrWhiteSpace(text) || text == "null"
        ? []
        : new RequestValue(new RequestValue(JsonElement.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false }), path).Copy(), path).Object().TakeAll();

    private FunctionResultContent ReadResult(RequestObject message)
    {
        RequestValue id = message.Require("tool_call_id");
        return _calls.Contains(id.Text())
            ? new FunctionResultContent(id.Text(), ReadText(message.Require("content")))
            : throw id.Refuse("is not the id of a call in an earlier message of the role 'assistant'.");
    }

    // A text, or a list of parts that are texts.
    private static string ReadText(RequestValue content)
    {
        if (content.IsText)
            return content.Text();
        return content.IsList
            ? string.Concat(content.List(1, MaxPartCount).Select(ReadPart))
            : throw content.WrongType("a string or a list of text parts");
    }

    private static string ReadPart(RequestValue value)
    {
        RequestObject part = value.Object();
        part.Require("type").Text("text");
        string text = part.Require("text").Text();
        // The beginnings of prompts are kept in any case.
        part.Take("prompt_cache_breakpoint")?.Object();
        part.End();
        return text;
    }
}
