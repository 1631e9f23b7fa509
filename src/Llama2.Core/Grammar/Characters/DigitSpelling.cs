using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Characters;

/// <summary>
/// A way to write a code point with a fixed number of digits, the most significant first. For example, UTF-8 has four such ways, one for each length from 1 to
/// 4 bytes: the lead byte is the first digit, and each further byte is a digit of 6 bits. In the escapes of JSON, the digits are hex digits. This
/// class turns a set of code points into a regular expression that reads one digit after the other; no two alternatives of this expression begin with
/// the same byte.
/// </summary>
/// <param name="digits">For each digit: the number of its bits, the bytes that can represent each value of the digit, and the text before the digit.</param>
/// <param name="offset">The code point is the sum of this offset and the number that the digits spell.</param>
internal sealed class DigitSpelling((int Bits, Func<int, ByteSet> BytesOf, string Before)[] digits, int offset = 0)
{
    /// <summary>The spellings of UTF-8: the first has one byte, the last has four.</summary>
    public static readonly DigitSpelling[] Utf8 =
    [
        new([(7, value => ByteSet.Of((byte)value), "")]),
        new([Lead(5, 0xC0), Continuation]),
        new([Lead(4, 0xE0), Continuation, Continuation]),
        new([Lead(3, 0xF0), Continuation, Continuation, Continuation]),
    ];

    /// <summary>Four hex digits in upper or lower case.</summary>
    public static readonly DigitSpelling Hex = new([HexDigit, HexDigit, HexDigit, HexDigit]);

    /// <summary>
    /// A code point above U+FFFF, written as the escapes of two surrogates, such as <c>\ud83d\ude00</c>. The first <c>\u</c> is not part of this
    /// spelling.
    /// </summary>
    public static readonly DigitSpelling SurrogatePair = new(
        [Escaped(2, 8, "d"), HexDigit, HexDigit, Escaped(2, 12, "\\ud"), HexDigit, HexDigit], 0x10000);

    private static (int Bits, Func<int, ByteSet> BytesOf, string Before) Continuation => Lead(6, 0x80);

    private static (int Bits, Func<int, ByteSet> BytesOf, string Before) HexDigit => Escaped(4, 0, "");

    /// <summary>
    /// Creates the expression that matches, in this spelling, the code points of a set that lie between <paramref name="first"/> and
    /// <paramref name="last"/>, both included. This spelling must be able to write every code point between them.
    /// </summary>
    public RegexNode Match(RegexFactory factory, CodePointSet set, int first, int last) =>
        set.Overlaps(first, last) ? MatchFrom(factory, set.Intersect(CodePointSet.Range(first, last)), 0, offset) : factory.Nothing;

    private static (int Bits, Func<int, ByteSet> BytesOf, string Before) Lead(int bits, int mark) => (bits, value => ByteSet.Of((byte)(mark | value)), "");

    private static (int Bits, Func<int, ByteSet> BytesOf, string Before) Escaped(int bits, int mark, string before) =>
        (bits, value => ByteSet.Of((byte)"0123456789abcdef"[mark | value]) | ByteSet.Of((byte)"0123456789ABCDEF"[mark | value]), before);

    private RegexNode MatchFrom(RegexFactory factory, CodePointSet set, int index, int first)
    {
        if (index == digits.Length)
            return factory.Empty;
        int restBits = 0;
        for (int i = index + 1; i < digits.Length; i++)
            restBits += digits[i].Bits;

        // Digit values that are followed by the same expression are joined into one alternative.
        var bytesByRest = new Dictionary<RegexNode, ByteSet>();
        RegexNode? whole = null;
        for (int value = 0; value < 1 << digits[index].Bits; value++)
        {
            int low = first + (value << restBits), high = low + (1 << restBits) - 1;
            if (!set.Overlaps(low, high))
                continue;
            RegexNode rest = set.Covers(low, high) ? whole ??= MatchFrom(factory, set, index + 1, low) : MatchFrom(factory, set, index + 1, low);
            bytesByRest[rest] = bytesByRest.GetValueOrDefault(rest) | digits[index].BytesOf(value);
        }

        RegexNode[] alternatives = [.. bytesByRest.Select(pair => factory.Sequence(factory.Bytes(pair.Value), pair.Key))];
        RegexNode before = factory.Empty;
        foreach (char character in digits[index].Before)
        {
            char other = character == 'd' ? 'D' : character;
            before = factory.Sequence(before, factory.Bytes(ByteSet.Of((byte)character) | ByteSet.Of((byte)other)));
        }

        return factory.Sequence(before, factory.Either(alternatives));
    }
}
