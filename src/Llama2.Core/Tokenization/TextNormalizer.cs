using System.Buffers;
using System.Text;

namespace Llama2.Tokenization;

/// <summary>
/// Normalizes a text before its characters are merged, as SentencePiece's Normalizer does. It applies the rules of a <see cref="CharacterMap"/>,
/// removes extra spaces, replaces spaces by U+2581, and puts one U+2581 in front as the dummy prefix. Llama 2 has no such rules and keeps extra
/// spaces. Thread-safe.
/// </summary>
internal sealed class TextNormalizer(Vocabulary vocabulary)
{
    private readonly VocabularyOptions _options = vocabulary.Options;

    // Finds the user-defined pieces in the text. The rules must not change the characters of these pieces.
    private readonly PieceMatcher? _exempt = vocabulary.Options.CharacterMap is null ? null : PieceMatcher.Create(vocabulary, escapeSpaces: false, PieceType.UserDefined);

    /// <summary>Normalizes a text; lone surrogates become U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isStart">
    /// Whether this is the beginning of a text. If so, the dummy prefix is put in front if the vocabulary has one; if the vocabulary removes extra
    /// spaces, spaces at the beginning are removed.
    /// </param>
    public NormalizedText Normalize(ReadOnlySpan<char> text, bool isStart)
    {
        bool hasPrefix = isStart && _options.AddDummyPrefix && !text.IsEmpty;
        return _options.RemoveExtraSpaces || _options.CharacterMap is not null ? Rewrite(text, isStart, hasPrefix) : Escape(text, hasPrefix ? 1 : 0);
    }

    /// <summary>Replaces lone surrogates by U+FFFD.</summary>
    public static void ReplaceLoneSurrogates(Span<char> text)
    {
        for (int i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                text[i] = '\uFFFD';
        }
    }

    private static NormalizedText Escape(ReadOnlySpan<char> text, int prefixLength)
    {
        char[] buffer = ArrayPool<char>.Shared.Rent(text.Length + 1);
        buffer.AsSpan(0, prefixLength).Fill(Vocabulary.EscapedSpace);
        Span<char> rest = buffer.AsSpan(prefixLength, text.Length);
        text.Replace(rest, ' ', Vocabulary.EscapedSpace);
        ReplaceLoneSurrogates(rest);
        return new NormalizedText(buffer, prefixLength + text.Length, prefixLength, origins: null);
    }

    private NormalizedText Rewrite(ReadOnlySpan<char> text, bool isStart, bool hasPrefix)
    {
        List<char> mapped = new(text.Length);
        List<TextRange> mappedOrigins = new(text.Length);
        Map(text, mapped, mappedOrigins);

        char[] buffer = ArrayPool<char>.Shared.Rent(mapped.Count + 1);
        var origins = new TextRange[mapped.Count + 1];
        int length = 0;
        if (hasPrefix)
            buffer[length++] = Vocabulary.EscapedSpace;
        bool isAfterSpace = isStart;
        for (int i = 0; i < mapped.Count; i++)
        {
            bool isSpace = mapped[i] == ' ';
            if (!isSpace || !isAfterSpace || !_options.RemoveExtraSpaces)
            {
                buffer[length] = isSpace ? Vocabulary.EscapedSpace : mapped[i];
                origins[length++] = mappedOrigins[i];
            }

            isAfterSpace = isSpace;
        }

        // The loop also removes the dummy prefix if nothing follows it and, as in SentencePiece, any U+2581 with which the original text ends.
        while (_options.RemoveExtraSpaces && length > 0 && buffer[length - 1] == Vocabulary.EscapedSpace)
            length--;
        return new NormalizedText(buffer, length, Math.Min(length, hasPrefix ? 1 : 0), origins);
    }

    private void Map(ReadOnlySpan<char> text, List<char> mapped, List<TextRange> origins)
    {
        if (_options.CharacterMap is not { } map)
        {
            char[] clean = text.ToArray();
            ReplaceLoneSurrogates(clean);
            mapped.AddRange(clean);
            origins.AddRange(Enumerable.Range(0, clean.Length).Select(i => new TextRange(i, i + 1)));
            return;
        }

        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        int[] exempt = [];
        if (_exempt is not null)
        {
            exempt = new int[text.Length];
            _exempt.FindLongest(text, exempt);
        }

        Span<char> characters = stackalloc char[512];
        for (int position = 0, start = 0, end; position < utf8.Length; start = end)
        {
            // User-defined pieces, and characters to which no rule applies, remain unchanged.
            if (start < exempt.Length && exempt[start] is >= 0 and var id)
            {
                end = start + vocabulary.Pieces.Length(id);
                position += Encoding.UTF8.GetByteCount(text[start..end]);
                Append(text[start..end], new TextRange(start, end), mapped, origins);
                continue;
            }

            int byteCount = map.Find(utf8.AsSpan(position), out ReadOnlySpan<byte> replacement);
            if (byteCount == 0)
            {
                Rune.DecodeFromUtf8(utf8.AsSpan(position), out _, out byteCount);
                replacement = utf8.AsSpan(position, byteCount);
            }

            end = start + CountCharacters(utf8.AsSpan(position, byteCount));
            position += byteCount;
            Append(characters[..Encoding.UTF8.GetChars(replacement, characters)], new TextRange(start, end), mapped, origins);
        }
    }

    private static void Append(ReadOnlySpan<char> characters, TextRange origin, List<char> mapped, List<TextRange> origins)
    {
        foreach (char character in characters)
        {
            mapped.Add(character);
            origins.Add(origin);
        }
    }

    // Counts the first bytes of characters, so that a character is not counted twice if a damaged rule ends inside it.
    private static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte value in utf8)
            count += (value & 0xC0) == 0x80 ? 0 : value >= 0xF0 ? 2 : 1;
        return count;
    }
}
