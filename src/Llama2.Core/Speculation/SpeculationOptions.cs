using System.Collections.ObjectModel;
using static System.FormattableString;

namespace Llama2;

/// <summary>
/// How the next tokens of a text are guessed, so that one pass of the model computes several tokens (speculative decoding). The generated text is the
/// same with any of these options, bit for bit; only the time differs. The number of guesses that a pass computes depends on the share of right guesses and
/// the measured times of passes. If guesses are seldom right, or if many generations run at the same time, no guesses are computed. Immutable and thread-safe;
/// every property is checked when it is set.
/// </summary>
public sealed record SpeculationOptions
{
    /// <summary>The maximum of <see cref="MaxDraftLength"/>.</summary>
    public const int LargestMaxDraftLength = 60;

    /// <summary>The maximum number of entries of <see cref="Sources"/>.</summary>
    public const int MaxSourceCount = 8;

    // All options share this list, so that two options objects with the default sources are equal.
    private static readonly ReadOnlyCollection<DraftSource> s_defaultSources = Array.AsReadOnly([DraftSource.PromptLookup, DraftSource.DraftModel]);

    /// <summary>Options that turn speculation off: every pass computes one token of each generation.</summary>
    public static SpeculationOptions Off { get; } = new() { MaxDraftLength = 0 };

    /// <summary>
    /// Where guesses come from, in this order: a source is used if all sources before it have no guess, or if their guesses are seldom right. At most 8;
    /// empty turns speculation off. The default is <see cref="DraftSource.PromptLookup"/>, then <see cref="DraftSource.DraftModel"/>. Copied when set.
    /// </summary>
    public IReadOnlyList<DraftSource> Sources
    {
        get;
        init => field = CheckSources(value);
    } = s_defaultSources;

    /// <summary>
    /// The maximum number of guesses of a generation that a pass computes, 0 to 60; default 32. With 0, speculation is off. Fewer are computed if they are
    /// not expected to save time.
    /// </summary>
    public int MaxDraftLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxDraftLength));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestMaxDraftLength, nameof(MaxDraftLength));
            field = value;
        }
    } = 32;

    /// <summary>Whether the number of guesses depends on measurements; if false, all guesses are computed. Only tests set this to false.</summary>
    internal bool IsAdaptive { get; init; } = true;

    private static ReadOnlyCollection<DraftSource> CheckSources(IReadOnlyList<DraftSource> value)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(Sources));
        DraftSource[] copy = [.. value.Take(MaxSourceCount + 1)];
        if (copy.Length > MaxSourceCount)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value.Count, Invariant($"{nameof(Sources)} has {value.Count} sources; at most {MaxSourceCount} are allowed."));
        }

        if (Array.IndexOf(copy, null) is var bad and >= 0)
        {
            throw new ArgumentException(Invariant($"{nameof(Sources)}[{bad}] is null."), nameof(value));
        }

        return Array.AsReadOnly(copy);
    }
}
