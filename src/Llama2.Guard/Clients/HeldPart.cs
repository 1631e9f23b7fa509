namespace Llama2.Guard.Clients;

/// <summary>The text of a content of an update, as a part of the texts that are judged.</summary>
/// <param name="Text">The text of its message.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="JoinedStart">Where it begins in the joined texts of all messages, if the content arrived when there were several messages.</param>
/// <param name="LaterJoined">The joined texts of all messages; null if the content arrived when there was one message.</param>
internal sealed record HeldPart(JudgedText Text, int Start, int End, int JoinedStart = 0, JudgedText? LaterJoined = null)
{
    public bool IsReleased => Text.ReleasedLength >= End && (Joined is null || Joined.ReleasedLength >= End + Shift);

    public bool IsMasked => Masks.Touches(Start, End);

    public string? FailedOpen => Text.FailedOpen ?? Joined?.FailedOpen;

    private JudgedText? Joined => LaterJoined ?? Text.Joined;

    private int Shift => LaterJoined is null ? 0 : JoinedStart - Start;

    // What is masked may begin in one message and end in the next.
    private MaskSpans Masks => Joined is null ? Text.Masks : Text.Masks.Union(Joined.Masks, -Shift);

    /// <summary>The text as it may be shown.</summary>
    public string Show() => Masks.Slice(Text.Text, Start, End);
}
