using System.Numerics;

namespace Llama2.Speculation;

/// <summary>
/// Guesses that a text continues as it did at an earlier place where its newest tokens occurred (Saxena 2023, "Prompt Lookup Decoding"). Two tables
/// remember where each short and each longer sequence of tokens occurred last. A third candidate is the place that the last guesses were copied from:
/// after a changed word, a copied text usually continues with the next word. The candidate whose preceding tokens agree with the text over the greatest
/// length wins. Allocates only in the constructor; a call costs some nanoseconds for each new token.
/// </summary>
internal sealed class PromptLookup : IDrafter
{
    /// <summary>The number of <see cref="Grade"/>s.</summary>
    public const int GradeCount = 5;

    private const int ShortLength = 3;
    private const int LongLength = 6;
    // Longer matches are not counted as stronger evidence: guesses after 12 equal tokens are almost always right.
    private const int MaxMatchLength = 24;
    // A table has at most 65,536 entries of 4 bytes. In longer texts, newer places replace older ones.
    private const int MaxTableLength = 1 << 16;
    private readonly int[] _shortPlaces;
    private readonly int[] _longPlaces;
    private readonly int _shift;
    // All places before this one are in the tables: a place is the index of the token that followed a sequence of tokens.
    private int _nextPlace = 1;
    private uint _lastKey;
    // The distance from the place that the last guesses were copied from to the end of the text; 0 if there were none.
    private int _distance;

    /// <param name="capacity">The maximum number of tokens of the text.</param>
    public PromptLookup(int capacity)
    {
        int length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(2L * capacity, 64, MaxTableLength));
        _shortPlaces = new int[length];
        _longPlaces = new int[length];
        _shift = 32 - BitOperations.Log2((uint)length);
    }

    /// <summary>How reliable the last guesses are, by the number of tokens before them that agree: 0 (none) to <see cref="GradeCount"/> − 1 (12 or more).</summary>
    public int Grade { get; private set; }

    /// <summary>The assumed share of right guesses of each grade, until it has been measured.</summary>
    // Low, because guesses are compared with the chosen tokens even if they are not computed. Therefore guesses after short matches are first computed when
    // some were right.
    public static ReadOnlySpan<double> InitialShares => [0.05, 0.1, 0.2, 0.4, 0.8];

    public int Draft(ReadOnlySpan<int> tokens, Span<int> draft)
    {
        Extend(tokens);
        int place = 0, matchLength = -1;
        if (_distance > 0)
        {
            Consider(tokens.Length - _distance, 0, tokens, ref place, ref matchLength);
        }

        if (tokens.Length >= LongLength)
        {
            Consider(_longPlaces[Slot(Key(tokens, LongLength))], LongLength, tokens, ref place, ref matchLength);
        }

        if (tokens.Length >= ShortLength)
        {
            Consider(_shortPlaces[Slot(Key(tokens, ShortLength))], ShortLength, tokens, ref place, ref matchLength);
        }

        if (place == 0)
        {
            return 0;
        }

        _distance = tokens.Length - place;
        Grade = matchLength switch { 0 => 0, < ShortLength => 1, < LongLength => 2, < 2 * LongLength => 3, _ => 4 };
        for (int i = 0; i < draft.Length; i++)
        {
            // Beyond the end of the text the copy reads its own beginning, so that a repeating text is continued at any length.
            draft[i] = i < _distance ? tokens[place + i] : draft[i - _distance];
        }

        return draft.Length;
    }

    // Adds the places that have become known since the last call. If tokens were dropped from the text, the tables are rebuilt.
    private void Extend(ReadOnlySpan<int> tokens)
    {
        if (_nextPlace > tokens.Length || (_nextPlace > ShortLength && Key(tokens[..(_nextPlace - 1)], ShortLength) != _lastKey))
        {
            Array.Clear(_shortPlaces);
            Array.Clear(_longPlaces);
            _nextPlace = 1;
            _distance = 0;
        }

        for (; _nextPlace < tokens.Length; _nextPlace++)
        {
            if (_nextPlace >= ShortLength)
            {
                _lastKey = Key(tokens[.._nextPlace], ShortLength);
                _shortPlaces[Slot(_lastKey)] = _nextPlace;
            }

            if (_nextPlace >= LongLength)
            {
                _longPlaces[Slot(Key(tokens[.._nextPlace], LongLength))] = _nextPlace;
            }
        }
    }

    // A place in a table may belong to other tokens with the same hash code, so the tokens are compared.
    private static void Consider(int candidate, int minLength, ReadOnlySpan<int> tokens, ref int place, ref int matchLength)
    {
        if (candidate <= 0 || candidate >= tokens.Length)
        {
            return;
        }

        int length = 0, limit = Math.Min(candidate, MaxMatchLength);
        while (length < limit && tokens[candidate - 1 - length] == tokens[tokens.Length - 1 - length])
        {
            length++;
        }

        if (length > matchLength && length >= minLength)
        {
            (place, matchLength) = (candidate, length);
        }
    }

    // The hash code of the last tokens.
    private static uint Key(ReadOnlySpan<int> tokens, int length)
    {
        uint key = (uint)length;
        foreach (int token in tokens[^length..])
        {
            key = (key ^ (uint)token) * 0x9E3779B1;
            key ^= key >> 15;
        }

        return key;
    }

    private int Slot(uint key) => (int)((key * 0x85EBCA6B) >> _shift);
}
