using System.Globalization;
using System.Text;

namespace Llama2.Grammar.Patterns;

/// <summary>The text of a pattern and the position up to which it has been read.</summary>
internal sealed class PatternCursor(string text)
{
    /// <summary>The index of the UTF-16 unit that will be read next.</summary>
    public int Position { get; private set; }

    public bool IsAtEnd => Position == text.Length;

    /// <summary>The next UTF-16 unit; NUL at the end of the text.</summary>
    public char Next => IsAtEnd ? '\0' : text[Position];

    public bool StartsWith(string expected) => text.AsSpan(Position).StartsWith(expected, StringComparison.Ordinal);

    /// <summary>Reads the expected text if it comes next.</summary>
    public bool TryRead(string expected)
    {
        if (!StartsWith(expected))
            return false;
        Position += expected.Length;
        return true;
    }

    /// <summary>Reads one character.</summary>
    public int ReadCharacter()
    {
        if (Rune.DecodeFromUtf16(text.AsSpan(Position), out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
            throw Fault(IsAtEnd ? "the pattern ends too early" : "half of a surrogate pair is not a character");
        Position += length;
        return rune.Value;
    }

    /// <summary>Reads exactly the given number of hex digits.</summary>
    public int ReadHex(int count)
    {
        if (Position + count > text.Length
            || !int.TryParse(text.AsSpan(Position, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
            throw Fault($"{count} hex digits are expected");
        Position += count;
        return value;
    }

    /// <summary>Reads the text up to a closing character, and the closing character itself. Returns the text before the closing character.</summary>
    public string ReadUntil(char end)
    {
        int length = text.AsSpan(Position).IndexOf(end);
        if (length < 0)
            throw Fault($"'{end}' is missing");
        string read = text.Substring(Position, length);
        Position += length + 1;
        return read;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c> if one of them comes next.</summary>
    public bool TryReadCounts(out int minimum, out int maximum)
    {
        int start = Position++;
        maximum = int.MaxValue;
        if (TryReadNumber(out minimum))
        {
            if (TryRead("}"))
            {
                maximum = minimum;
                return true;
            }

            if (TryRead(",") && (TryRead("}") || (TryReadNumber(out maximum) && TryRead("}"))))
                return true;
        }

        Position = start;
        return false;
    }

    public PatternException Fault(string message) => Fault(message, Position);

    public static PatternException Fault(string message, int position) => new(message, position);

    private bool TryReadNumber(out int number)
    {
        long value = 0;
        int start = Position;
        while (char.IsAsciiDigit(Next))
            value = Math.Min((value * 10) + text[Position++] - '0', int.MaxValue - 1);
        number = (int)value;
        return Position > start;
    }
}
