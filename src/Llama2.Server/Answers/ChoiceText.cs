using System.Text;
using Llama2.Server.Protocol;

namespace Llama2.Server.Answers;

/// <summary>Collects a choice of an answer that is not streamed.</summary>
internal sealed class ChoiceText
{
    private readonly StringBuilder _text = new();
    private readonly List<ToolCall> _calls = [];
    private readonly List<TokenLogprob> _logprobs = [];
    private string _finishReason = "stop";

    public void Add(in ChoicePart part)
    {
        _text.Append(part.Text);
        // Only events of a stream need the index of a call.
        _calls.AddRange((part.Calls ?? []).Select(call => call with { Index = null }));
        if (part.Logprob is { } logprob)
            _logprobs.Add(logprob);
        _finishReason = part.FinishReason ?? _finishReason;
    }

    /// <summary>The choice. Its content is null if it consists of calls.</summary>
    public ChatChoice ToChoice(int index, bool hasLogprobs)
    {
        string? content = _text.Length == 0 && _calls.Count > 0 ? null : _text.ToString();
        return new ChatChoice(index, new ChatReply(content, _calls.Count > 0 ? _calls : null), hasLogprobs ? new ChatLogprobs(_logprobs) : null, _finishReason);
    }
}
