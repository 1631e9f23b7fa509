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
    // What is held stays bounded: if there are more updates than this without enough text for a window, the text is judged, and further updates that carry nothing are omitted.
    private const int MaxHeldCount = 4096;

    private readonly Queue<HeldUpdate> _held = [];
    private readonly Dictionary<(bool IsReasoning, string Message), JudgedText> _texts = [];
    private readonly Dictionary<bool, JudgedText> _joined = [];
    private readonly List<JudgedText> _waiting = [];

    /// <summary>Whether there is enough new text for a judgement, or a content that is complete.</summary>
    public bool IsDue => _waiting.Exists(text => text.NewLength >= options.WindowLength || (text.IsWhole && text.NewLength > 0))
        || (_held.Count >= MaxHeldCount && _waiting.Exists(text => text.NewLength > 0));

    /// <summary>Adds an update of the model.</summary>
    /// <returns>A failure that ends the answer; null if there is none.</returns>
    public GuardOutcome? Add(ChatResponseUpdate update)
    {
        if (_held.Count >= MaxHeldCount && update is { Contents.Count: 0, FinishReason: null })
            return null;
        var held = new HeldUpdate(update);
        _held.Enqueue(held);
        foreach (AIContent content in update.Contents)
        {
            string? text = ContentTexts.Of(content);
            if (text is null && guard.Failed("content") is var failure)
            {
                if (!failure.IsPassed)
                    return failure;
                held.FailedOpen = failure.FailedOpen;
            }

            held.Add(string.IsNullOrEmpty(text) ? null : Place(update, content, text, held));
        }

        return null;
    }

    /// <summary>Judges all new text.</summary>
    /// <param name="isEnd">Whether nothing more will come.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    /// <returns>The outcome that ends the answer; null if everything is passed.</returns>
    public async Task<GuardOutcome?> JudgeAsync(bool isEnd, CancellationToken cancellationToken)
    {
        foreach (JudgedText text in _waiting)
        {
            if (text.NewLength > 0)
            {
                GuardOutcome outcome = await text.JudgeAsync(guard, conversation, options, isEnd, cancellationToken).ConfigureAwait(false);
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
    /// <param name="failedOpen">Why the guard failed at the request, if it was passed all the same.</param>
    public IEnumerable<ChatResponseUpdate> Release(string? failedOpen)
    {
        while (_held.TryPeek(out HeldUpdate? held) && held.IsReleased)
        {
            _held.Dequeue();
            if (held.Show(options, failedOpen) is { } shown)
                yield return shown;
        }
    }

    private (JudgedText Text, int Start, int End) Place(ChatResponseUpdate update, AIContent content, string text, HeldUpdate held)
    {
        bool isReasoning = content is TextReasoningContent;
        if (!isReasoning && content is not TextContent)
            return Append(NewText(MessageTexts.RoleOf(update.Role, content is FunctionResultContent), isWhole: true), text);

        (bool, string) key = (isReasoning, update.MessageId ?? "");
        if (!_texts.TryGetValue(key, out JudgedText? own))
        {
            JudgedText? only = _texts.FirstOrDefault(entry => entry.Key.IsReasoning == isReasoning).Value;
            _texts.Add(key, own = NewText(LlamaRole.Assistant, isWhole: false));
            if (only is not null && !_joined.ContainsKey(isReasoning))
            {
                // Until now there was one message, whose text was the text of all.
                _joined.Add(isReasoning, NewText(LlamaRole.Assistant, isWhole: false));
                _joined[isReasoning].Text.Append(only.Text);
            }
        }

        if (_joined.TryGetValue(isReasoning, out JudgedText? joined))
            held.AddCondition(joined, Append(joined, text).End);
        return Append(own, text);
    }

    private JudgedText NewText(LlamaRole role, bool isWhole)
    {
        var text = new JudgedText(role == LlamaRole.User ? LlamaRole.Assistant : role, isWhole);
        _waiting.Add(text);
        return text;
    }

    private static (JudgedText Text, int Start, int End) Append(JudgedText text, string addition)
    {
        int start = text.Text.Length;
        text.Text.Append(addition);
        return (text, start, text.Text.Length);
    }
}
