using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2;

/// <summary>
/// How text is generated: how the next token is chosen, and when to stop. Immutable and thread-safe; change a copy with <c>with</c>.
/// Every property is checked when it is set; a value out of range is an <see cref="ArgumentOutOfRangeException"/> that names the property,
/// the value and the range. Defaults are those of llama.cpp, save that <see cref="MaxTokens"/> has no hidden limit.
/// </summary>
/// <remarks>
/// The steps, in order: <see cref="LogitBias"/>, the penalties, <see cref="TopK"/>, <see cref="TypicalP"/>, <see cref="TopP"/>,
/// <see cref="MinP"/>, <see cref="Temperature"/>, then a draw. Each of the four filters keeps at least one token.
/// </remarks>
public sealed record GenerationOptions
{
    /// <summary>Most entries of <see cref="StopSequences"/>.</summary>
    public const int MaxStopSequenceCount = 64;

    /// <summary>Most characters in one of <see cref="StopSequences"/>.</summary>
    public const int MaxStopSequenceLength = 1024;

    /// <summary>Most tokens to generate, 1 or more; null (the default) generates until the context is full or the model ends its text.</summary>
    public int? MaxTokens
    {
        get;
        init => field = value is null ? null : Check(value.Value, 1, int.MaxValue);
    }

    /// <summary>
    /// Divides the logits before the draw: below 1 the likely tokens gain, above 1 the unlikely ones. 0 to 100, default 0.8.
    /// 0 is greedy: always the token of the highest logit after bias and penalties, without filters and without a draw.
    /// </summary>
    public float Temperature
    {
        get;
        init => field = Check(value, 0f, 100f);
    } = 0.8f;

    /// <summary>Keeps the k most likely tokens. 0 or more, default 40; 0 keeps all.</summary>
    public int TopK
    {
        get;
        init => field = Check(value, 0, int.MaxValue);
    } = 40;

    /// <summary>Keeps the fewest most likely tokens whose probabilities add up to p. 0 to 1, default 0.95; 1 keeps all.</summary>
    public float TopP
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 0.95f;

    /// <summary>Keeps tokens at least p times as likely as the most likely one. 0 to 1, default 0.05; 0 keeps all.</summary>
    public float MinP
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 0.05f;

    /// <summary>
    /// Keeps the tokens whose information is closest to the expected, until their probabilities add up to p. 0 to 1, default 1, which keeps all.
    /// </summary>
    public float TypicalP
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 1f;

    /// <summary>
    /// Makes recent tokens less likely: divides their logit if it is positive, multiplies it if not. 0.01 to 100, default 1, which is off.
    /// </summary>
    public float RepetitionPenalty
    {
        get;
        init => field = Check(value, 0.01f, 100f);
    } = 1f;

    /// <summary>Subtracted from a token's logit for each of its recent occurrences. -2 to 2, default 0.</summary>
    public float FrequencyPenalty
    {
        get;
        init => field = Check(value, -2f, 2f);
    }

    /// <summary>Subtracted once from the logit of every recent token. -2 to 2, default 0.</summary>
    public float PresencePenalty
    {
        get;
        init => field = Check(value, -2f, 2f);
    }

    /// <summary>How many of the last tokens, of prompt and answer, count as recent. 0 or more, default 64.</summary>
    public int PenaltyWindow
    {
        get;
        init => field = Check(value, 0, int.MaxValue);
    } = 64;

    /// <summary>
    /// Added to the logits of single tokens, by token id; negative infinity bans a token. Default empty. Copied when set. Ids are 0 or more
    /// (one beyond the vocabulary is refused when generation starts); values are finite or negative infinity.
    /// </summary>
    public IReadOnlyDictionary<int, float> LogitBias
    {
        get;
        init => field = CheckLogitBias(value);
    } = FrozenDictionary<int, float>.Empty;

    /// <summary>Starts the random draws: the same seed, prompt and options give the same text. Default null, a new random seed each time.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Generation ends before the first of these texts appears. At most 64, of 1 to 1,024 characters each; default empty. Copied when set.</summary>
    public IReadOnlyList<string> StopSequences
    {
        get;
        init => field = CheckStopSequences(value);
    } = [];

    /// <summary>
    /// Whether to report each chosen token's natural-log probability, as the model gave it: before bias, penalties, filters and temperature.
    /// Default false.
    /// </summary>
    public bool LogProbabilities { get; init; }

    /// <summary>Whether to go on where the model would end its text. Default false.</summary>
    public bool IgnoreEndOfSequence { get; init; }

    private static T Check<T>(T value, T minimum, T maximum, [CallerMemberName] string property = "")
        where T : IComparable<T>
    {
        // CompareTo puts NaN below every number, so it fails the first test.
        if (value.CompareTo(minimum) < 0 || value.CompareTo(maximum) > 0)
            throw OutOfRange(property, value, $"{property} is {value}; it must be from {minimum} to {maximum}.");
        return value;
    }

    private static FrozenDictionary<int, float> CheckLogitBias(IReadOnlyDictionary<int, float> value)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(LogitBias));
        foreach ((int tokenId, float bias) in value)
        {
            if (tokenId < 0)
                throw OutOfRange(nameof(LogitBias), tokenId, $"LogitBias names token {tokenId}; token ids are 0 or more.");
            if (float.IsNaN(bias) || float.IsPositiveInfinity(bias))
                throw OutOfRange(nameof(LogitBias), bias, $"LogitBias of token {tokenId} is {bias}; it must be finite, or -Infinity to ban the token.");
        }

        return value.ToFrozenDictionary();
    }

    private static ReadOnlyCollection<string> CheckStopSequences(IReadOnlyList<string> value)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(StopSequences));
        string[] copy = [.. value];
        if (copy.Length > MaxStopSequenceCount)
        {
            throw OutOfRange(
                nameof(StopSequences), copy.Length, $"StopSequences has {copy.Length} entries; at most {MaxStopSequenceCount} are allowed.");
        }

        for (int i = 0; i < copy.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(copy[i], $"{nameof(StopSequences)}[{i}]");
            int length = copy[i].Length;
            if (length is 0 or > MaxStopSequenceLength)
            {
                throw OutOfRange(
                    nameof(StopSequences), length, $"StopSequences[{i}] has {length} characters; it must have 1 to {MaxStopSequenceLength}.");
            }
        }

        return copy.AsReadOnly();
    }

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, FormattableString message) =>
        new(property, value, message.ToString(CultureInfo.InvariantCulture));
}
