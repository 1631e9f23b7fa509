using static System.FormattableString;

namespace Llama2;

/// <summary>
/// A generation was ended, and its memory freed, because it waited for its reader longer than <see cref="LlamaModelOptions.ReaderIdleLimit"/>. A
/// reader that continues later receives the text that was generated before the generation was ended, followed by this exception.
/// </summary>
public sealed class ReaderIdleException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="limit">How long the generation waited.</param>
    public ReaderIdleException(TimeSpan limit)
        : base(Invariant(
            $"The generation was ended: its updates were not read for {limit.TotalSeconds:0.###} seconds, the limit of {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ReaderIdleLimit)}. Dispose an enumeration that is left before its end, read updates as they come, or set a longer limit."))
        => Limit = limit;

    /// <summary>How long the generation waited for its reader.</summary>
    public TimeSpan Limit { get; }
}
