namespace Llama2.Guard;

/// <summary>How a <see cref="GuardedChatClient"/> guards a chat. Immutable; values are checked when they are set.</summary>
public sealed record GuardOptions
{
    /// <summary>The maximum of all lengths: 1,048,576 characters.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Whether new messages of the user and new results of tools are judged before the model reads them. Default true.</summary>
    public bool JudgeInput { get; init; } = true;

    /// <summary>Whether answers are judged before the caller receives them. Default true.</summary>
    public bool JudgeOutput { get; init; } = true;

    /// <summary>
    /// Whether all messages of the request are judged, including the assistant's, and not only those after its last answer. Set this where callers send the
    /// conversation themselves and could forge its beginning. Default false.
    /// </summary>
    public bool JudgeHistory { get; init; }

    /// <summary>
    /// The number of new characters after which the text of a streamed answer is judged, together with the text before it: 1 to <see cref="MaxLength"/>, default 128. A
    /// longer window costs fewer judgements and delays the text more.
    /// </summary>
    public int WindowLength { get; init => field = Check(value, 1, nameof(WindowLength)); } = 128;

    /// <summary>
    /// The number of characters at the end of a judged text that are held back until more text was judged, 0 to <see cref="MaxLength"/>, default 64. No part of
    /// a phrase of at most this length is shown before the guard has seen all of it. Text that a guard calls undecided (<see
    /// cref="GuardVerdict.UndecidedFrom"/>) is held back in any case.
    /// </summary>
    public int OverlapLength { get; init => field = Check(value, 0, nameof(OverlapLength)); } = 64;

    /// <summary>
    /// The number of characters of a streamed answer that the guard reads again before each window, 0 to <see cref="MaxLength"/>, default 4,096. It is at least the overlap.
    /// </summary>
    public int ContextLength { get; init => field = Check(value, 0, nameof(ContextLength)); } = 4096;

    /// <summary>
    /// The number of updates of the model that may wait while the guard judges, 1 to 65,536, default 256. The model generates while the guard judges, and
    /// pauses when this number is reached.
    /// </summary>
    public int MaxBufferedUpdateCount
    {
        get;
        init => field = value is >= 1 and <= 65_536 ? value : throw new ArgumentOutOfRangeException(nameof(MaxBufferedUpdateCount), value, "The number of waiting updates must be 1 to 65,536.");
    } = 256;

    /// <summary>
    /// The time that one judgement may take, more than zero and at most a day; default 30 seconds. A guard that takes longer has failed.
    /// </summary>
    public TimeSpan Timeout
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromDays(1) ? value
            : throw new ArgumentOutOfRangeException(nameof(Timeout), value, "The time of a judgement must be more than zero and at most a day.");
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What happens if the guard fails: it throws, takes longer than <see cref="Timeout"/>, or cannot judge a kind of content, such as an image. False, the default, withholds the
    /// message (fail closed). True passes it, and says so in <see cref="GuardProperties.FailedOpen"/> (fail open).
    /// </summary>
    public bool FailOpen { get; init; }

    /// <summary>The text that the caller receives in place of what was withheld; default <c>I cannot help with that.</c> May be empty.</summary>
    public string Refusal { get; init => field = value ?? throw new ArgumentNullException(nameof(Refusal)); } = "I cannot help with that.";

    /// <summary>
    /// Whether the model's own objects (RawRepresentation, AdditionalProperties, annotations, protected reasoning) are passed on. They are not judged, and may contain text that was
    /// masked or not yet judged. Default false: they are removed.
    /// </summary>
    public bool PassRawRepresentation { get; init; }

    /// <summary>Measures <see cref="Timeout"/>; default the system's clock.</summary>
    public TimeProvider TimeProvider { get; init => field = value ?? throw new ArgumentNullException(nameof(TimeProvider)); } = TimeProvider.System;

    private static int Check(int value, int minimum, string name) =>
        value >= minimum && value <= MaxLength ? value : throw new ArgumentOutOfRangeException(name, value, $"The number of characters must be {minimum} to {MaxLength:N0}.");
}
