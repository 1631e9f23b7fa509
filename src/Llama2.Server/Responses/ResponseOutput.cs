using System.Text;
using Llama2.Server.Answers;
using Llama2.Server.Protocol;

namespace Llama2.Server.Responses;

/// <summary>Puts the items of a response together from the updates of a generation, and makes the events of a stream.</summary>
/// <param name="events">Gets the events; null if the response is not streamed.</param>
internal sealed class ResponseOutput(ResponseEventQueue? events)
{
    private readonly List<ResponseItem> _items = [];
    private readonly StringBuilder _text = new();

    // The log-probabilities of the open message, and how many of them were sent. Those of a call's tokens are left out.
    private readonly List<TokenLogprob> _logprobs = [];
    private int _sentCount;
    private string? _messageId;

    /// <summary>The items that are complete.</summary>
    public IReadOnlyList<ResponseItem> Items => _items;

    /// <summary>The generation's tokens; null before its end.</summary>
    public GenerationUsage? Usage { get; private set; }

    /// <summary>Whether the limit of tokens ended the generation.</summary>
    public bool IsCutOff { get; private set; }

    public void Add(in ChoicePart part)
    {
        if (part.Logprob is { } logprob)
            _logprobs.Add(logprob);
        if (part.Text.Length > 0)
            AddText(part.Text);
        foreach (ToolCall call in part.Calls ?? [])
        {
            CloseMessage(ResponseStatus.Completed);
            _logprobs.Clear();
            AddCall(call);
        }

        if (part.FinishReason is { } reason)
        {
            IsCutOff = reason == "length";
            Usage = part.Usage;
            // An answer without text is an empty message.
            if (_items.Count == 0)
                OpenMessage();
            CloseMessage(IsCutOff ? ResponseStatus.Incomplete : ResponseStatus.Completed);
        }
    }

    private void AddText(string text)
    {
        OpenMessage();
        _text.Append(text);
        events?.Add(new ResponseEvent("response.output_text.delta")
        {
            ItemId = _messageId,
            OutputIndex = _items.Count,
            ContentIndex = 0,
            Delta = text,
            Logprobs = _logprobs.Count > _sentCount ? [.. _logprobs.Skip(_sentCount)] : [],
        });
        _sentCount = _logprobs.Count;
    }

    private void OpenMessage()
    {
        if (_messageId is not null)
            return;
        _messageId = ResponseIds.Message();
        events?.Add(new ResponseEvent("response.output_item.added") { OutputIndex = _items.Count, Item = ToMessage(ResponseStatus.InProgress, []) });
        events?.Add(new ResponseEvent("response.content_part.added") { ItemId = _messageId, OutputIndex = _items.Count, ContentIndex = 0, Part = ResponseContent.OfOutput("") });
    }

    private void CloseMessage(string status)
    {
        if (_messageId is null)
            return;
        string text = _text.ToString();
        ResponseContent part = ResponseContent.OfOutput(text, [.. _logprobs]);
        ResponseItem message = ToMessage(status, [part]);
        events?.Add(new ResponseEvent("response.output_text.done") { ItemId = _messageId, OutputIndex = _items.Count, ContentIndex = 0, Text = text, Logprobs = part.Logprobs });
        events?.Add(new ResponseEvent("response.content_part.done") { ItemId = _messageId, OutputIndex = _items.Count, ContentIndex = 0, Part = part });
        events?.Add(new ResponseEvent("response.output_item.done") { OutputIndex = _items.Count, Item = message });
        _items.Add(message);
        _messageId = null;
        _text.Clear();
        _logprobs.Clear();
        _sentCount = 0;
    }

    private ResponseItem ToMessage(string status, IReadOnlyList<ResponseContent> content) =>
        new(ResponseItem.Message, _messageId!, status) { Role = "assistant", Content = content };

    // The model's calls come whole.
    private void AddCall(ToolCall call)
    {
        var item = new ResponseItem(ResponseItem.FunctionCall, ResponseIds.FunctionCall()) { CallId = call.Id, Name = call.Function.Name, Arguments = call.Function.Arguments };
        int index = _items.Count;
        events?.Add(new ResponseEvent("response.output_item.added") { OutputIndex = index, Item = item with { Status = ResponseStatus.InProgress, Arguments = "" } });
        events?.Add(new ResponseEvent("response.function_call_arguments.delta") { ItemId = item.Id, OutputIndex = index, Delta = item.Arguments });
        events?.Add(new ResponseEvent("response.function_call_arguments.done") { ItemId = item.Id, OutputIndex = index, Name = item.Name, Arguments = item.Arguments });
        events?.Add(new ResponseEvent("response.output_item.done") { OutputIndex = index, Item = item });
        _items.Add(item);
    }
}
