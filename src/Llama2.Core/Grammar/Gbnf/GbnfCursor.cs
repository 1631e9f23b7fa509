using System.Globalization;
using System.Text;

namespace Llama2.Grammar.Gbnf;

/// <summary>A text in GBNF and the position up to which it has been read.</summary>
internal sealed class GbnfCursor(string text)
{
    /// <summary>The index of the UTF-16 unit that will be read next.</summary>
    public int Position { get; private set; }

    public bool IsAtEnd => Position == text.Length;

    /// <summary>The next UTF-16 unit; NUL at the end of the text.</summary>
    public char Next => IsAtEnd ? '\0' : text[Position];

    /// <summary>Reads the expected text if it comes next.</summary>
    public bool TryRead(string expected)
    {
        if (!text.AsSpan(Position).StartsWith(expected, StringComparison.Ordinal))
            return false;
        Position += expected.Length;
        return true;
    }

    public void Read(string expected)
    {
        if (!TryRead(expected))
            throw Fault($"'{expected}' is expected");
    }

    /// <summary>Skips spaces, tabs and comments.</summary>
    /// <param name="mayEndLine">Whether line ends are skipped too.</param>
    public void SkipSpace(bool mayEndLine)
    {
        while (Next is ' ' or '\t' or '#' || (mayEndLine && Next is '\r' or '\n'))
        {
            if (Next == '#')
            {
                while (!IsAtEnd && Next is not ('\r' or '\n'))
                    Position++;
            }
            else
            {
                Position++;
            }
        }
    }

    /// <summary>Reads the name of a rule. Returns an empty text if no name comes next.</summary>
    public string ReadName()
    {
        int start = Position;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '-' or '_')
            Position++;
        return text[start..Position];
    }

    public int ReadNumber()
    {
        int start = Position;
        while (char.IsAsciiDigit(Next))
            Position++;
        if (start == Position)
            throw Fault("a number is expected");
        return int.TryParse(text.AsSpan(start, Position - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < int.MaxValue
            ? number
            : throw Fault("the number is too large", start);
    }

    /// <summary>Reads a character of a literal or of a class. The character may be written as an escape.</summary>
    public int ReadCharacter()
    {
        int start = Position;
        if (!TryRead("\\"))
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(Position), out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
                throw Fault(IsAtEnd ? "a literal or class is not closed" : "half of a surrogate pair is not a character");
            Position += length;
            return rune.Value;
        }

        char letter = Next;
        if (letter != '\0')
            Position++;
        return letter switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => ReadHex(2, start),
            'u' => ReadHex(4, start),
            'U' => ReadHex(8, start),
            '"' or '\\' or '[' or ']' or '^' or '-' => letter,
            _ => throw Fault("the escape is not known", start),
        };
    }

    /// <summary>Creates the exception for an error at the given position, or at the current position if none is given.</summary>
    public GbnfException Fault(string message, int? position = null)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, position ?? Position);
        return new GbnfException(message, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    private int ReadHex(int count, int start)
    {
        if (Position + count > text.Length
            || !uint.TryParse(text.AsSpan(Position, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
            throw Fault($"{count} hex digits are expected");
        Position += count;
        return Rune.IsValid(value) ? (int)value : throw Fault("the escape is not a character", start);
    }
}
