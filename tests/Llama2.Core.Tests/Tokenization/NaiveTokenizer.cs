using System.Text;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>SentencePiece's rules, written as directly as possible with strings and a quadratic algorithm: the reference for the fast code.</summary>
internal static class NaiveTokenizer
{
    public static List<int> Encode(Vocabulary vocabulary, string text)
    {
        List<Symbol> symbols = Split(vocabulary, Normalize(vocabulary, text));
        while (true)
        {
            int best = -1;
            float bestScore = 0;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int id = symbols[i].IsFrozen || symbols[i + 1].IsFrozen ? -1 : Find(vocabulary, symbols[i].Text + symbols[i + 1].Text);
                if (id < 0)
                    continue;
                if (best < 0 || vocabulary.Scores[id] > bestScore)
                    (best, bestScore) = (i, vocabulary.Scores[id]);
            }

            if (best < 0)
                break;
            symbols[best] = new Symbol(symbols[best].Text + symbols[best + 1].Text, false, symbols[best], symbols[best + 1]);
            symbols.RemoveAt(best + 1);
        }

        var ids = new List<int>();
        bool isAfterUnknown = false;
        foreach (Symbol symbol in symbols)
            Write(vocabulary, symbol, ids, ref isAfterUnknown);
        return ids;
    }

    /// <summary>
    /// Decodes tokens: each malformed byte becomes a U+FFFD, and each valid sequence of bytes becomes a character; the dummy prefix of the first
    /// piece is removed.
    /// </summary>
    public static string Decode(Vocabulary vocabulary, ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        bool isAtStart = true;
        foreach (int id in ids)
        {
            if (vocabulary.Types[id] == PieceType.Byte)
            {
                bytes.Add(Convert.ToByte(vocabulary.Pieces[id].Substring(3, 2), 16));
                continue;
            }

            AppendBytes(bytes, text);
            isAtStart &= text.Length == 0;
            string piece = vocabulary.Pieces[id];
            if (vocabulary.Types[id] == PieceType.Control)
                continue;
            if (id == vocabulary.Options.UnknownId)
                piece = vocabulary.Options.UnknownText;
            else if (isAtStart && vocabulary.Options.AddDummyPrefix && piece.StartsWith('\u2581'))
                (piece, isAtStart) = (piece[1..], false);
            text.Append(piece.Replace('\u2581', ' '));
        }

        AppendBytes(bytes, text);
        return text.ToString();
    }

    public static string WithoutLoneSurrogates(string text)
    {
        var result = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes()) // yields U+FFFD for a lone surrogate
            result.Append(rune);
        return result.ToString();
    }

    private static void AppendBytes(List<byte> bytes, StringBuilder text)
    {
        for (int i = 0; i < bytes.Count;)
        {
            int length = bytes[i] switch { < 0x80 => 1, >= 0xC2 and < 0xE0 => 2, >= 0xE0 and < 0xF0 => 3, >= 0xF0 and < 0xF5 => 4, _ => 0 };
            int scalar = length switch { 1 => bytes[i], 2 => bytes[i] & 0x1F, 3 => bytes[i] & 0x0F, _ => bytes[i] & 0x07 };
            bool isValid = length > 0 && i + length <= bytes.Count;
            for (int j = 1; isValid && j < length; j++)
            {
                isValid = (bytes[i + j] & 0xC0) == 0x80;
                scalar = (scalar << 6) | (bytes[i + j] & 0x3F);
            }

            int[] smallest = [0, 0, 0x80, 0x800, 0x10000];
            isValid = isValid && scalar >= smallest[length] && Rune.IsValid(scalar);
            text.Append(isValid ? char.ConvertFromUtf32(scalar) : "\uFFFD");
            i += isValid ? length : 1;
        }

        bytes.Clear();
    }

    private static string Normalize(Vocabulary vocabulary, string text) =>
        text.Length == 0 ? "" : ((vocabulary.Options.AddDummyPrefix ? " " : "") + WithoutLoneSurrogates(text)).Replace(' ', '\u2581');

    private static List<Symbol> Split(Vocabulary vocabulary, string text)
    {
        var symbols = new List<Symbol>();
        for (int i = 0; i < text.Length; i += symbols[^1].Text.Length)
        {
            string longest = "";
            for (int id = 0; id < vocabulary.Count; id++)
            {
                string piece = vocabulary.Pieces[id];
                if (vocabulary.Types[id] == PieceType.UserDefined && piece.Length > longest.Length
                    && string.CompareOrdinal(text, i, piece, 0, piece.Length) == 0)
                {
                    longest = piece;
                }
            }

            symbols.Add(longest.Length > 0
                ? new Symbol(longest, true)
                : new Symbol(text.Substring(i, char.IsHighSurrogate(text[i]) ? 2 : 1), false));
        }

        return symbols;
    }

    private static int Find(Vocabulary vocabulary, string text)
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Types[id] is PieceType.Normal or PieceType.UserDefined or PieceType.Unused && vocabulary.Pieces[id] == text)
                return id;
        }

        return -1;
    }

    private static void Write(Vocabulary vocabulary, Symbol symbol, List<int> ids, ref bool isAfterUnknown)
    {
        int id = Find(vocabulary, symbol.Text);
        if (id >= 0 && vocabulary.Types[id] == PieceType.Unused && symbol.Left is not null)
        {
            Write(vocabulary, symbol.Left, ids, ref isAfterUnknown);
            Write(vocabulary, symbol.Right!, ids, ref isAfterUnknown);
            return;
        }

        bool isUnknown = id < 0 && vocabulary.ByteIds.IsEmpty;
        if (id >= 0)
        {
            ids.Add(id);
        }
        else if (!isUnknown)
        {
            foreach (byte value in Encoding.UTF8.GetBytes(symbol.Text))
                ids.Add(vocabulary.ByteIds[value]);
        }
        else if (!isAfterUnknown)
        {
            ids.Add(vocabulary.Options.UnknownId);
        }

        isAfterUnknown = isUnknown;
    }

    private sealed record Symbol(string Text, bool IsFrozen, Symbol? Left = null, Symbol? Right = null);
}
