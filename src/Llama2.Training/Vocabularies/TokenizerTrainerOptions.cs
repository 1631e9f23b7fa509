using static System.FormattableString;

namespace Llama2.Training;

/// <summary>The options for learning a vocabulary. Immutable; values are checked when they are set.</summary>
public sealed record TokenizerTrainerOptions
{
    /// <summary>The number of tokens that every vocabulary has: the unknown token, the begin- and end-of-sequence tokens, and 256 bytes.</summary>
    internal const int FixedCount = 3 + 256;

    private const int MaxVocabularySize = 1 << 18;

    /// <summary>The total number of tokens, 260 to 262,144; 32,000 by default, as in Llama 2. 259 of these tokens are the control tokens and the bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int VocabularySize
    {
        get;
        init => field = Checked(value, value is > FixedCount and <= MaxVocabularySize, Invariant($"{FixedCount + 1} to {MaxVocabularySize:N0}"));
    } = 32_000;

    /// <summary>
    /// The characters that get a token of their own make up at least this fraction of all characters in the texts. Above 0 and at most 1; 0.9995 by
    /// default. The other characters, which are the rarest, are encoded as bytes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double CharacterCoverage { get; init => field = Checked(value, value is > 0 and <= 1, "above 0 and at most 1"); } = 0.9995;

    /// <summary>The maximum length of a token's text in UTF-16 characters, including the space before a word, 2 to 64; 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxPieceLength { get; init => field = Checked(value, value is >= 2 and <= 64, "2 to 64"); } = 16;

    /// <summary>
    /// The maximum number of different words in the texts, 1 to 16,777,216; 1,048,576 by default. The memory is proportional to this number: about a
    /// kilobyte for each word.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxWordCount { get; init => field = Checked(value, value is >= 1 and <= 1 << 24, Invariant($"1 to {1 << 24:N0}")); } = 1 << 20;

    private static T Checked<T>(T value, bool isValid, string range, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
        => isValid ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} must be {range}.");
}
