using Llama2.Server.Errors;
using Llama2.Server.Requests;

namespace Llama2.Server.Responses;

/// <summary>Reads <c>input</c>: a text, or the items that continue a conversation.</summary>
internal sealed class ResponseInput
{
    /// <summary>The name of the field.</summary>
    public const string Name = "input";

    private const int MaxIdLength = 256;
    private readonly ResponseStore _store;
    private readonly string? _scope;

    // The calls of the conversation, and those of them that have no result yet.
    private readonly HashSet<string> _calls = [], _open = [];

    private ResponseInput(ResponseStore store, string? scope)
    {
        _store = store;
        _scope = scope;
    }

    /// <summary>Reads the field.</summary>
    /// <param name="input">The field.</param>
    /// <param name="earlier">The items of the conversation that the request continues.</param>
    /// <param name="store">Finds items that are named by their ids.</param>
    /// <param name="scope">The prefix scope of the request.</param>
    /// <returns>The whole conversation.</returns>
    /// <exception cref="RequestException">An item is not valid, or has content that the model cannot read.</exception>
    public static ResponseItem[] Read(RequestValue input, IReadOnlyList<ResponseItem> earlier, ResponseStore store, string? scope)
    {
        if (!input.IsText && !input.IsList)
            throw input.WrongType("a string or a list of items");
        var reader = new ResponseInput(store, scope);
        foreach (ResponseItem item in earlier)
            reader.Count(item);
        ResponseItem[] read = input.IsText
            ? [MessageOf("user", null, [ResponseContent.OfInput(input.Text())])]
            : [.. input.List(1, Math.Max(1, PromptFormat.MaxMessageCount - earlier.Count)).Select(reader.ReadItem)];
        return reader._open.FirstOrDefault() is { } open
            ? throw input.Refuse($"has no item of the type '{ResponseItem.FunctionCallOutput}' with the result of the call '{ErrorText.Shorten(open)}'.")
            : [.. earlier, .. read];
    }

    private static ResponseItem MessageOf(string role, string? id, IReadOnlyList<ResponseContent> content) =>
        new(ResponseItem.Message, id ?? ResponseIds.Message()) { Role = role, Content = content };

    private ResponseItem ReadItem(RequestValue value)
    {
        RequestObject item = value.Object();
        string type = item.Take("type")?.Text(ResponseItem.Message, ResponseItem.FunctionCall, ResponseItem.FunctionCallOutput, "item_reference") ?? ResponseItem.Message;
        if (type == "item_reference")
            return ReadReference(item);
        string? id = ReadId(item);
        // Clients send items back as they received them.
        item.TakeOnly("status", ResponseStatus.InProgress, ResponseStatus.Completed, ResponseStatus.Incomplete);
        ResponseItem read = type switch
        {
            ResponseItem.Message => ReadMessage(item, id),
            ResponseItem.FunctionCall => ReadCall(item, id),
            _ => ReadResult(item, id),
        };
        item.End();
        Count(read);
        return read;
    }

    private static string? ReadId(RequestObject item) => item.Take("id")?.Text(1, MaxIdLength);

    private ResponseItem ReadReference(RequestObject item)
    {
        RequestValue id = item.Require("id");
        item.End();
        ResponseItem found = _store.FindItem(_scope, id.Text())
            ?? throw id.Refuse($"is '{ErrorText.Shorten(id.Text())}', and no stored response has generated an item with this id.", "item_not_found");
        Count(found);
        return found;
    }

    private static ResponseItem ReadMessage(RequestObject item, string? id)
    {
        string role = item.Require("role").Text("system", "developer", "user", "assistant");
        bool isAnswer = role == "assistant";
        RequestValue content = item.Require("content");
        if (content.IsText)
            return MessageOf(role, id, [isAnswer ? ResponseContent.OfOutput(content.Text()) : ResponseContent.OfInput(content.Text())]);
        return content.IsList
            ? MessageOf(role, id, [.. content.List(1, Requests.ChatMessages.MaxPartCount).Select(part => isAnswer ? ReadOutput(part) : ReadInput(part))])
            : throw content.WrongType("a string or a list of text parts");
    }

    private static ResponseContent ReadInput(RequestValue value)
    {
        RequestObject part = value.Object();
        part.Require("type").Text(ResponseContent.Input);
        string text = part.Require("text").Text();
        part.End();
        return ResponseContent.OfInput(text);
    }

    private static ResponseContent ReadOutput(RequestValue value)
    {
        RequestObject part = value.Object();
        part.Require("type").Text(ResponseContent.Output, ResponseContent.Input);
        string text = part.Require("text").Text();
        part.Take("annotations")?.List(0, 0);
        part.Take("logprobs")?.List(0, int.MaxValue);
        part.End();
        return ResponseContent.OfOutput(text);
    }

    private ResponseItem ReadCall(RequestObject item, string? itemId)
    {
        RequestValue callId = item.Require("call_id"), arguments = item.Require("arguments");
        string id = callId.Text(1, MaxIdLength), name = item.Require("name").Text(1, LlamaTool.MaxNameLength);
        if (_calls.Contains(id))
            throw callId.Refuse("is the id of an earlier call.");
        // The arguments must be an object; they are kept as text.
        Requests.ChatMessages.ReadArguments(arguments);
        return new ResponseItem(ResponseItem.FunctionCall, itemId ?? ResponseIds.FunctionCall()) { CallId = id, Name = name, Arguments = arguments.Text() };
    }

    private ResponseItem ReadResult(RequestObject item, string? id)
    {
        RequestValue callId = item.Require("call_id"), output = item.Require("output");
        if (!_open.Contains(callId.Text()))
            throw callId.Refuse($"is not the id of an earlier item of the type '{ResponseItem.FunctionCall}' that has no result yet.");
        string text = output.IsText ? output.Text()
            : output.IsList ? string.Concat(output.List(1, Requests.ChatMessages.MaxPartCount).Select(part => ReadInput(part).Text))
            : throw output.WrongType("a string or a list of text parts");
        return new ResponseItem(ResponseItem.FunctionCallOutput, id ?? ResponseIds.FunctionCallOutput()) { CallId = callId.Text(), Output = text };
    }

    private void Count(ResponseItem item)
    {
        if (item.Type == ResponseItem.FunctionCall && _calls.Add(item.CallId!))
            _open.Add(item.CallId!);
        else if (item.Type == ResponseItem.FunctionCallOutput)
            _open.Remove(item.CallId!);
    }
}
