using System.Text;

namespace Llama2.Guard.Clients;

/// <summary>One text of a streamed answer, which grows, is judged in windows, and is released in parts.</summary>
/// <param name="role">The author.</param>
/// <param name="isWhole">Whether the text is complete when it arrives, such as a call of a function; it has no masks.</param>
internal sealed class JudgedText(LlamaRole role, bool isWhole)
{
    // Text that a guard leaves undecided is read again before each window. Its length is therefore limited, and a window has at least a quarter of this length.
    private const int MaxUndecidedLength = 65_536;
    private const int UndecidedPart = 4;

    // A window begins at the beginning of a word if there is one within this number of characters.
    private const int MaxWordLength = 64;

    private int _judgedLength;
    private int _completeLength;
    private int _undecidedFrom;

    public StringBuilder Text { get; } = new();

    public bool IsWhole => isWhole;

    /// <summary>The masked parts of the text that was judged.</summary>
    public MaskSpans Masks { get; private set; } = MaskSpans.None;

    /// <summary>The number of characters that may be shown.</summary>
    public int ReleasedLength { get; private set; }

    /// <summary>Why the guard failed at the last window, if the text is passed nevertheless.</summary>
    public string? FailedOpen { get; private set; }

    /// <summary>The texts of all messages, if this is the text of the first one; all positions are the same there. Null while there is one message.</summary>
    public JudgedText? Joined { get; set; }

    /// <summary>Whether there is text that was not judged.</summary>
    public bool HasNew => NewLength > 0;

    private int NewLength => Text.Length - Math.Max(_judgedLength, _completeLength);

    /// <summary>Whether there is enough new text for a judgement.</summary>
    public bool IsDue(GuardOptions options) => HasNew && (isWhole || NewLength >= Math.Max(options.WindowLength, (_judgedLength - _undecidedFrom) / UndecidedPart));

    /// <summary>Whether the text must be judged: as an unfinished one, or as a complete one.</summary>
    public bool MustJudge(bool isComplete) => isComplete ? Text.Length > _completeLength : HasNew;

    /// <summary>Judges the new characters together with those before them, and releases what may be shown.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="conversation">The messages before the answer.</param>
    /// <param name="options">The lengths.</param>
    /// <param name="isComplete">Whether the text is judged as complete.</param>
    /// <param name="isEnd">Whether nothing more will come, so that nothing is held back. An answer that is complete but has not ended is not released further.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    public async Task<GuardOutcome> JudgeAsync(
        TimedGuard guard, IEnumerable<LlamaMessage> conversation, GuardOptions options, bool isComplete, bool isEnd, CancellationToken cancellationToken)
    {
        int end = Text.Length, start = isWhole ? 0 : FirstToRead(options);
        isComplete |= isWhole;
        var request = new GuardRequest(conversation.Append(new LlamaMessage(role, Text.ToString(start, end - start)))) { IsPartial = !isComplete, IsContinuation = start > 0 };
        GuardOutcome outcome = await guard.JudgeAsync(request, cancellationToken).ConfigureAwait(false);
        outcome = isWhole ? outcome.WithoutMasks() : outcome;
        if (!outcome.IsPassed)
            return outcome;
        Masks = Masks.Union(MaskSpans.Of(outcome.Verdict, start));
        FailedOpen = outcome.FailedOpen;
        if (isComplete)
        {
            _completeLength = end;
            if (isEnd || isWhole)
                ReleaseAll();
            return outcome;
        }

        _judgedLength = end;
        _undecidedFrom = start + (outcome.Verdict?.UndecidedFrom ?? (end - start));
        if (end - _undecidedFrom > MaxUndecidedLength && guard.Failed("undecided") is var failure)
        {
            if (!failure.IsPassed)
                return failure;
            FailedOpen = failure.FailedOpen;
            _undecidedFrom = end;
        }

        Release(Math.Min(_undecidedFrom, end - options.OverlapLength));
        return outcome;
    }

    /// <summary>Releases what was held back, because nothing more will come and everything was judged.</summary>
    public void ReleaseAll() => Release(_completeLength);

    private void Release(int length) => ReleasedLength = Math.Max(ReleasedLength, length);

    // Undecided text and partly masked text are read again from their beginning, with the character before it, which shows whether a word begins there.
    private int FirstToRead(GuardOptions options)
    {
        int start = Math.Max(0, Math.Min(_judgedLength - Math.Max(options.ContextLength, options.OverlapLength), _undecidedFrom));
        start = Math.Max(Masks.StartAt(start), start - MaxUndecidedLength);
        int word = start;
        while (word > 0 && start - word < MaxWordLength && !char.IsWhiteSpace(Text[word - 1]))
            word--;
        if (word == 0 || char.IsWhiteSpace(Text[word - 1]))
            start = word;
        return start > 1 && char.IsLowSurrogate(Text[start - 1]) ? start - 2 : Math.Max(0, start - 1);
    }
}
