using System.Buffers;

namespace Llama2.Tokenization;

/// <summary>
/// Encodes text: normalizes it, finds the user-defined pieces in it, splits the rest at places that no merge can cross, and merges the characters of
/// each part.
/// </summary>
internal sealed class TextEncoder
{
    private readonly Vocabulary _vocabulary;
    private readonly PieceIndex _index;
    private readonly Lazy<PieceIndex> _promptIndex;
    private readonly PieceMatcher? _userDefined;
    private readonly TextNormalizer _normalizer;

    public TextEncoder(Vocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _index = new PieceIndex(vocabulary);
        _promptIndex = new(() => PieceIndex.DiffersForPrompts(vocabulary) ? new PieceIndex(vocabulary, isForPrompts: true) : _index);
        _userDefined = PieceMatcher.Create(vocabulary, escapeSpaces: true, PieceType.UserDefined);
        _normalizer = new TextNormalizer(vocabulary);
    }

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="text">Plain text.</param>
    /// <param name="addDummyPrefix">Whether to put the dummy prefix in front, if the vocabulary has one and the text is not empty.</param>
    /// <param name="ids">The list to which the ids are appended.</param>
    public void Encode(ReadOnlySpan<char> text, bool addDummyPrefix, List<int> ids)
    {
        using NormalizedText normalized = _normalizer.Normalize(text, addDummyPrefix);
        EncodeNormalized(normalized.Text, ids, ends: null);
    }

    /// <summary>
    /// Appends the tokens of a part of a prompt. User-defined pieces are found only where no character is data, and they never result from merges. So
    /// data, whatever its text, becomes only normal pieces, bytes and the unknown token.
    /// </summary>
    /// <param name="normalized">The part of the prompt, normalized by <see cref="TextNormalizer"/>.</param>
    /// <param name="data">The ranges of the normalized text that are data, in ascending order. They must be within the text, and may overlap.</param>
    /// <param name="ids">The list to which the ids are appended.</param>
    /// <param name="ends">
    /// The list to which, for each token, the offset of the token's end in the normalized text is appended; null if the offsets are not needed.
    /// </param>
    public void EncodePrompt(ReadOnlySpan<char> normalized, ReadOnlySpan<TextRange> data, List<int> ids, List<int>? ends)
    {
        using var merger = new BytePairMerger(_vocabulary, _promptIndex.Value);
        EncodeParts(normalized, FindInScaffolding(normalized, data), _promptIndex.Value, merger, new TokenWriter(_vocabulary, ids, ends));
    }

    /// <inheritdoc cref="TextNormalizer.Normalize"/>
    public NormalizedText NormalizePrompt(ReadOnlySpan<char> text, bool isStart) => _normalizer.Normalize(text, isStart);

    /// <summary>Returns the text as <see cref="TextNormalizer"/> normalizes it before its characters are merged.</summary>
    public string Normalize(ReadOnlySpan<char> text, bool addDummyPrefix)
    {
        using NormalizedText normalized = _normalizer.Normalize(text, addDummyPrefix);
        return normalized.Text.ToString();
    }

    /// <summary>Replaces lone surrogates by U+FFFD and changes nothing else.</summary>
    public static string ReplaceLoneSurrogates(ReadOnlySpan<char> text)
    {
        char[] buffer = text.ToArray();
        TextNormalizer.ReplaceLoneSurrogates(buffer);
        return new string(buffer);
    }

    /// <summary>Appends the tokens of a text that is already normalized and, if requested, the offset in the text at which each token ends.</summary>
    public void EncodeNormalized(ReadOnlySpan<char> text, List<int> ids, List<int>? ends)
    {
        var writer = new TokenWriter(_vocabulary, ids, ends);
        using var merger = new BytePairMerger(_vocabulary, _index);
        if (_userDefined is null)
        {
            EncodeParts(text, [], _index, merger, writer);
            return;
        }

        int[] matches = ArrayPool<int>.Shared.Rent(text.Length);
        _userDefined.FindLongest(text, matches);
        EncodeParts(text, matches.AsSpan(0, text.Length), _index, merger, writer);
        ArrayPool<int>.Shared.Return(matches);
    }

    // The id of the longest user-defined piece that starts at each position, or -1. Only the parts that are not data are searched, each separately.
    // Empty if the vocabulary has no user-defined pieces.
    private int[] FindInScaffolding(ReadOnlySpan<char> text, ReadOnlySpan<TextRange> data)
    {
        if (_userDefined is null)
            return [];

        int[] matches = new int[text.Length];
        Array.Fill(matches, -1);
        int start = 0;
        foreach ((int dataStart, int dataEnd) in data)
        {
            _userDefined.FindLongest(text[start..Math.Max(start, dataStart)], matches.AsSpan(start));
            start = Math.Max(start, dataEnd);
        }

        _userDefined.FindLongest(text[start..], matches.AsSpan(start));
        return matches;
    }

    private void EncodeParts(ReadOnlySpan<char> text, ReadOnlySpan<int> userDefined, PieceIndex index, BytePairMerger merger, TokenWriter writer)
    {
        int start = 0;
        while (start < text.Length)
        {
            if (!userDefined.IsEmpty && userDefined[start] is var id and >= 0)
            {
                start += index.PieceLength(id) + (_vocabulary.IsPrefixed(id) ? 1 : 0);
                writer.Write(id, start);
                continue;
            }

            int end = start + 1;
            while (end < text.Length && MayJoin(index, text[end - 1], text[end]) && (userDefined.IsEmpty || userDefined[end] < 0))
                end++;
            merger.Encode(text[start..end], start, writer);
            start = end;
        }
    }

    /// <summary>True if a merge may join two neighbouring UTF-16 characters, or if they are the two surrogates of one character.</summary>
    private static bool MayJoin(PieceIndex index, char left, char right) => char.IsLowSurrogate(right) || index.MayJoin(left, right);
}
