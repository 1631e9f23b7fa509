namespace Llama2.Grammar.Regexes;

/// <summary>A position within a character in UTF-8: how many bytes must follow, and the range of the next byte (Unicode, table 3-7).</summary>
/// <param name="Remaining">The number of bytes that complete the character; 0 between characters.</param>
/// <param name="Low">The lowest next byte.</param>
/// <param name="High">The highest next byte.</param>
internal readonly record struct Utf8Position(byte Remaining, byte Low, byte High)
{
    /// <summary>The position between two characters.</summary>
    public static readonly Utf8Position Start;

    /// <summary>
    /// The sets of bytes that byte classes have to distinguish from other bytes, so that positions can be found and quotation marks, backslashes and control
    /// characters can be recognized.
    /// </summary>
    public static IReadOnlyList<ByteSet> ByteSets { get; } =
    [
        ByteSet.Range(0, 0x1F), ByteSet.Of((byte)'"'), ByteSet.Of((byte)'\\'), ByteSet.Range(0, 0x7F), ByteSet.Range(0x80, 0x8F), ByteSet.Range(0x90, 0x9F),
        ByteSet.Range(0xA0, 0xBF), ByteSet.Range(0xC2, 0xDF), ByteSet.Of(0xE0), ByteSet.Of(0xED), ByteSet.Range(0xE1, 0xEF), ByteSet.Of(0xF0),
        ByteSet.Range(0xF1, 0xF3), ByteSet.Of(0xF4),
    ];

    /// <summary>Finds the position after one more byte. Returns false if this byte cannot come here.</summary>
    public bool TryAdvance(byte value, out Utf8Position next)
    {
        next = default;
        if (Remaining > 0)
        {
            if (value < Low || value > High)
                return false;
            if (Remaining > 1)
                next = new Utf8Position((byte)(Remaining - 1), 0x80, 0xBF);
            return true;
        }

        switch (value)
        {
            case < 0x80:
                return true;
            case >= 0xC2 and <= 0xDF:
                next = new Utf8Position(1, 0x80, 0xBF);
                return true;
            case >= 0xE0 and <= 0xEF:
                next = new Utf8Position(2, value == 0xE0 ? (byte)0xA0 : (byte)0x80, value == 0xED ? (byte)0x9F : (byte)0xBF);
                return true;
            case >= 0xF0 and <= 0xF4:
                next = new Utf8Position(3, value == 0xF0 ? (byte)0x90 : (byte)0x80, value == 0xF4 ? (byte)0x8F : (byte)0xBF);
                return true;
            default:
                return false;
        }
    }
}
