using Llama2.Server.Errors;
using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Anthropic;

/// <summary>Reads <c>messages</c>.</summary>
internal sealed class MessageReader
{
    private const string CallType = "tool_use";
    private const string ResultType = "tool_result";

    // The ids of the calls that have been read: without the call, the model could not know to which call a result belongs.
    private readonly HashSet<string> _calls = [];

    /// <summary>Reads the messages.</summary>
    /// <exception cref="RequestException">A message is not valid, or has content that the model cannot read.</exception>
    public static ChatMessage[] Read(RequestValue messages)
    {
        var reader = new MessageReader();
        RequestValue[] values = messages.List(1, PromptFormat.MaxMessageCount);
        ChatMessage[] read = [.. values.Select(reader.ReadMessage)];
        return read[^1].Contents.OfType<FunctionCallContent>().Any()
            ? throw new RequestValue(default, $"{values[^1].Path}.content").Refuse("must be followed by a user's message with a tool_result for each tool_use.")
            : read;
    }

    private ChatMessage ReadMessage(RequestValue value)
    {
        RequestObject message = value.Object();
        var role = new ChatRole(message.Require("role").Text("user", "assistant", "system"));
        RequestValue content = message.Require("content");
        message.End();
        if (content.IsText)
            return new ChatMessage(role, content.Text());
        if (!content.IsList)
            throw content.WrongType("a string or a list of blocks");
        // An answer in which the model wrote nothing has no blocks.
        RequestValue[] blocks = content.List(role == ChatRole.Assistant ? 0 : 1, ChatMessages.MaxPartCount);
        return new ChatMessage(role, [.. blocks.Select(block =>
            role == ChatRole.Assistant ? ReadAnswerBlock(block) : role == ChatRole.User ? ReadUserBlock(block) : new TextContent(TextBlock.Read(block)))]);
    }

    private AIContent ReadUserBlock(RequestValue value)
    {
        RequestObject block = value.Object();
        AIContent read = block.Require("type").Text(TextBlock.Type, ResultType) == ResultType ? ReadResult(block) : new TextContent(TextBlock.ReadFields(block));
        block.End();
        return read;
    }

    private AIContent ReadAnswerBlock(RequestValue value)
    {
        RequestObject block = value.Object();
        AIContent read = block.Require("type").Text(TextBlock.Type, CallType) == CallType ? ReadCall(block) : new TextContent(TextBlock.ReadFields(block));
        block.End();
        return read;
    }

    private FunctionCallContent ReadCall(RequestObject block)
    {
        string id = block.Require("id").Text();
        string name = block.Require("name").Text(1, LlamaTool.MaxNameLength);
        RequestValue input = block.Require("input");
        var call = new FunctionCallContent(id, name, new RequestValue(input.Copy(), input.Path).Object().TakeAll());
        if (block.Take("caller") is { } caller)
        {
            RequestObject fields = caller.Object();
            fields.Require("type").Text("direct");
            fields.End();
        }

        CacheControlField.Take(block);
        _calls.Add(id);
        return call;
    }

    private FunctionResultContent ReadResult(RequestObject block)
    {
        RequestValue id = block.Require("tool_use_id");
        if (!_calls.Contains(id.Text()))
            throw id.Refuse("is not the id of a tool_use in an earlier message of the role 'assistant'.");
        string text = block.Take("content") is { } content ? ReadResultText(content) : "";
        // The model reads text only, so the text states the error.
        bool isError = block.Take("is_error")?.Flag() ?? false;
        CacheControlField.Take(block);
        return new FunctionResultContent(id.Text(), isError ? $"Error: {text}" : text);
    }

    private static string ReadResultText(RequestValue content)
    {
        if (content.IsText)
            return content.Text();
        return content.IsList
            ? string.Concat(content.List(0, ChatMessages.MaxPartCount).Select(TextBlock.Read))
            : throw content.WrongType("a string or a list of text blocks");
    }
}
