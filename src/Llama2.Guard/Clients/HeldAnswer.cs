using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>
/// The part of a streamed answer that was not shown yet. Each message has a text and a reasoning of its own, which are judged separately, because several messages may be interleaved.
/// If there are several, the texts of all of them, in the order in which they came, are judged as well, because a reader sees them one after the other.
/// </summary>
/// <param name="guard">The guard.</param>
/// <param name="conversation">The request as the guard reads it.</param>
/// <param name="options">Lengths and failures.</param>
internal sealed class HeldAnswer(TimedGuard guard, IReadOnlyList<LlamaMessage> conversation, GuardOptions options)
{
    // The number of held updates is bounded: if there are more new updates than this without enough text for a window, the text is judged, and further updates
    // that carry nothing are omitted.
    private const int MaxHeldCount = 4096;

    private readonly Queue<HeldUpdate> _held = [];
    private readonly Dictionary<(bool IsReasoning, string Message), JudgedText> _texts = [];
    private readonly Dictionary<bool, JudgedText> _joined = [];
    private readonly List<JudgedText> _waiting = [];
    private readonly Dictionary<string, HeldPart> _authors = [];
    private string _messageId = "";
    private int _newCount;

    /// <summary>Whether there is enough new text for a judgement, a content that is complete, or a great number of updates.</summary>
    public bool IsDue => _newCount >= MaxHeldCount || _waiting.Exists(text => text.IsDue(options));

    /// <summary>Adds an update of the model.</summary>
    /// <returns>A failure that ends the answer; null if there is none.</returns>
    public GuardOutcome? Add(ChatResponseUpdate update)
    {
        var held = new HeldUpdate(update);
        if (_held.Count >= MaxHeldCount && held.IsEmpty)
            return null;
        _held.Enqueue(held);
        _newCount++;
        _messageId = update.MessageId ?? _messageId;
        if (!string.IsNullOrEmpty(update.AuthorName))
            held.AddAuthor(Author(update.AuthorName));
        foreach (AIContent content in update.Contents)
        {
            string? text = ContentTexts.Of(content);
            if (text is null && guard.Failed("content") is var failure)
            {
                if (!failure.IsPassed)
                    return failure;
                held.FailedOpen = failure.FailedOpen;
            }

            held.Add(string.IsNullOrEmpty(text) ? null : Place(update, content, text));
        }

        return null;
    }

    /// <summary>Judges all new text.</summary>
    /// <param name="isComplete">Whether the texts are judged as complete: the model says that it has finished, or nothing more will come.</param>
    /// <param name="isEnd">Whether nothing more will come.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    /// <returns>The outcome that ends the answer; null if everything is passed.</returns>
    public async Task<GuardOutcome?> JudgeAsync(bool isComplete, bool isEnd, CancellationToken cancellationToken)
    {
        _newCount = 0;
        foreach (JudgedText text in _waiting)
        {
            if (text.MustJudge(isComplete))
            {
                GuardOutcome outcome = await text.JudgeAsync(guard, conversation, options, isComplete, isEnd, cancellationToken).ConfigureAwait(false);
                if (!outcome.IsPassed)
                    return outcome;
            }
            else if (isEnd)
            {
                text.ReleaseAll();
            }
        }

        _waiting.RemoveAll(text => text.IsWhole);
        return null;
    }

    /// <summary>Takes the updates that may be shown, in their order.</summary>
    /// <param name="failedOpen">Why the guard failed at the request, if it was passed nevertheless.</param>
    public IEnumerable<ChatResponseUpdate> Release(string? failedOpen)
    {
        while (_held.TryPeek(out HeldUpdate? held) && held.IsReleased)
        {
            _held.Dequeue();
            if (held.Show(options, failedOpen) is { } shown)
                yield return shown;
        }
    }

    // A name is judged once, as a text of its own.
    private HeldPart Author(string name)
    {
        if (!_authors.TryGetValue(name, out HeldPart? part))
            _authors.Add(name, part = Append(NewText(LlamaRole.Assistant, isWhole: true), name));
        return part;
    }

    private HeldPart Place(ChatResponseUpdate update, AIContent content, string text)
    {
        bool isReasoning = content is TextReasoningContent;
        if (!isReasoning && content is not TextContent)
            return Append(NewText(MessageTexts.RoleOf(update.Role, content is FunctionResultContent), isWhole: true), text);

        (bool, string) key = (isReasoning, _messageId);
        if (!_texts.TryGetValue(key, out JudgedText? own))
        {
            JudgedText? only = _texts.FirstOrDefault(entry => entry.Key.IsReasoning == isReasoning).Value;
            _texts.Add(key, own = NewText(LlamaRole.Assistant, isWhole: false));
            if (only is not null && !_joined.ContainsKey(isReasoning))
            {
                // Until now there was one message, whose text was the text of all.
                _joined.Add(isReasoning, NewText(LlamaRole.Assistant, isWhole: false));
                _joined[isReasoning].Text.Append(only.Text);
                only.Joined = _joined[isReasoning];
            }
        }

        HeldPart part = Append(own, text);
        return _joined.TryGetValue(isReasoning, out JudgedText? joined) ? part with { JoinedStart = Append(joined, text).Start, LaterJoined = joined } : part;
    }

    private JudgedText NewText(LlamaRole role, bool isWhole)
    {
        var text = new JudgedText(role == LlamaRole.User ? LlamaRole.Assistant : role, isWhole);
        _waiting.Add(text);
        return text;
    }

    private static HeldPart Append(JudgedText text, string addition)
    {
        int start = text.Text.Length;
        text.Text.Append(addition);
        return new HeldPart(text, start, text.Text.Length);
    }
}
