using System.Text;

namespace Llama2.Guard.Clients;

/// <summary>One text of a streamed answer, which grows, is judged in windows, and is released in parts.</summary>
/// <param name="role">The author.</param>
/// <param name="isWhole">Whether the text is complete when it arrives, such as a call of a function; it has no masks.</param>
internal sealed class JudgedText(LlamaRole role, bool isWhole)
{
    private int _judgedLength;
    private MaskSpans _masks = MaskSpans.None;

    public StringBuilder Text { get; } = new();

    public bool IsWhole => isWhole;

    /// <summary>The number of characters that may be shown.</summary>
    public int ReleasedLength { get; private set; }

    /// <summary>Why the guard failed at the last window, if the text is passed all the same.</summary>
    public string? FailedOpen { get; private set; }

    public int NewLength => Text.Length - _judgedLength;

    /// <summary>Judges the new characters together with those before them, and releases what may be shown.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="conversation">The messages before the answer.</param>
    /// <param name="options">The lengths.</param>
    /// <param name="isEnd">Whether nothing more will come, so that nothing is held back.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    public async Task<GuardOutcome> JudgeAsync(
        TimedGuard guard, IEnumerable<LlamaMessage> conversation, GuardOptions options, bool isEnd, CancellationToken cancellationToken)
    {
        int end = Text.Length;
        int start = isWhole ? 0 : Math.Max(0, _judgedLength - Math.Max(options.ContextLength, options.OverlapLength));
        if (start > 0 && char.IsLowSurrogate(Text[start]))
            start--;
        GuardOutcome outcome = await guard.JudgeAsync(
            conversation.Append(new LlamaMessage(role, Text.ToString(start, end - start))), isPartial: !isEnd && !isWhole, cancellationToken).ConfigureAwait(false);
        if (outcome.IsPassed && isWhole && outcome.Verdict is { HasMasks: true } verdict)
            return new GuardOutcome(GuardVerdict.Unsafe(verdict.Findings.Select(finding => finding.Category)), null, IsPassed: false);
        if (!outcome.IsPassed)
            return outcome;
        _judgedLength = end;
        if (outcome.Verdict is not null)
            _masks = _masks.Replace(outcome.Verdict, start);
        FailedOpen = outcome.FailedOpen;
        Release(isEnd || isWhole ? end : end - options.OverlapLength);
        return outcome;
    }

    /// <summary>Releases what was held back, because nothing more will come.</summary>
    public void ReleaseAll() => Release(_judgedLength);

    /// <summary>A part of the text as it may be shown.</summary>
    public string Slice(int start, int end) => _masks.Slice(Text, start, end);

    /// <summary>Whether a part of a range is masked.</summary>
    public bool IsMasked(int start, int end) => _masks.Touches(start, end);

    private void Release(int length) => ReleasedLength = Math.Max(ReleasedLength, length);
}
