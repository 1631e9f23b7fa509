using Llama2.Templating.Characters;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Syntax;

/// <summary>Splits one tag, <c>{{ … }}</c> or <c>{% … %}</c>, into tokens.</summary>
internal sealed class TagLexer(SourceText source, int offset, bool isBlock, bool trimsBlocks)
{
    private static readonly string[] s_longOperators = ["//", "**", "==", "!=", ">=", "<="];

    private readonly string _text = source.Text;
    private readonly Stack<char> _brackets = new();

    /// <summary>The offset at which the search for the next token starts; once the tag has ended, the offset at which the text after the tag begins.</summary>
    public int Offset { get; private set; } = offset;

    public Token Next()
    {
        while (Offset < _text.Length && PythonSpace.Is(_text[Offset]))
            Offset++;
        if (Offset >= _text.Length)
            return new Token(TokenKind.EndOfTemplate, "", _text.Length);
        if (_brackets.Count == 0 && TryReadEnd(out Token end))
            return end;

        char first = _text[Offset];
        return char.IsAsciiDigit(first) ? ReadNumber()
            : IsNameStart(first) ? ReadName()
            : first is '"' or '\'' ? ReadString()
            : ReadOperator();
    }

    /// <summary>Finds the offset at which the text after a tag begins.</summary>
    /// <param name="text">The template.</param>
    /// <param name="offset">The offset of the first character after the tag.</param>
    /// <param name="sign">The sign before the tag's end.</param>
    /// <param name="trimsLineBreak">Whether trim_blocks applies to this tag.</param>
    public static int SkipAfterTag(string text, int offset, char sign, bool trimsLineBreak)
    {
        if (sign == '-')
        {
            while (offset < text.Length && PythonSpace.Is(text[offset]))
                offset++;
        }
        else if (sign != '+' && trimsLineBreak && offset < text.Length && text[offset] == '\n')
        {
            offset++;
        }

        return offset;
    }

    private bool TryReadEnd(out Token token)
    {
        int start = Offset;
        char sign = _text[start] == '-' || (isBlock && _text[start] == '+') ? _text[start] : '\0';
        int close = sign == '\0' ? start : start + 1;
        string end = isBlock ? "%}" : "}}";
        token = new Token(isBlock ? TokenKind.BlockEnd : TokenKind.OutputEnd, end, start);
        if (!_text.AsSpan(close).StartsWith(end, StringComparison.Ordinal))
            return false;
        Offset = SkipAfterTag(_text, close + 2, sign, trimsLineBreak: isBlock && trimsBlocks);
        return true;
    }

    private Token ReadNumber()
    {
        int start = Offset;
        if (_text[start] == '0' && start + 1 < _text.Length && DigitsOf(_text[start + 1]) is string allowed && SkipPrefixed(allowed))
            return new Token(TokenKind.Integer, _text[start..Offset].Replace("_", "", StringComparison.Ordinal), start);
        SkipDigits();
        bool isDouble = false;
        if (IsDigitAt(Offset + 1) && _text[Offset] == '.' && (start == 0 || _text[start - 1] != '.'))
        {
            isDouble = true;
            Offset++;
            SkipDigits();
        }

        if (Offset < _text.Length && _text[Offset] is 'e' or 'E')
        {
            int digits = Offset + 1 < _text.Length && _text[Offset + 1] is '+' or '-' ? Offset + 2 : Offset + 1;
            if (IsDigitAt(digits))
            {
                isDouble = true;
                Offset = digits;
                SkipDigits();
            }
        }

        return new Token(isDouble ? TokenKind.Double : TokenKind.Integer, _text[start..Offset].Replace("_", "", StringComparison.Ordinal), start);
    }

    private static string? DigitsOf(char prefix) => char.ToLowerInvariant(prefix) switch
    {
        'x' => "0123456789abcdefABCDEF",
        'o' => "01234567",
        'b' => "01",
        _ => null,
    };

    // Moves past a number such as 0x1F. If no digit follows the prefix, returns false and does not move.
    private bool SkipPrefixed(string digits)
    {
        int start = Offset, end = Offset + 2;
        while (IsOneOf(end) || (end < _text.Length && _text[end] == '_' && IsOneOf(end + 1)))
            end++;
        Offset = end == start + 2 ? start : end;
        return Offset > start;

        bool IsOneOf(int offset) => offset < _text.Length && digits.Contains(_text[offset]);
    }

    private void SkipDigits()
    {
        while (IsDigitAt(Offset) || (Offset < _text.Length && _text[Offset] == '_' && IsDigitAt(Offset + 1)))
            Offset++;
    }

    private bool IsDigitAt(int offset) => offset < _text.Length && char.IsAsciiDigit(_text[offset]);

    private Token ReadName()
    {
        int start = Offset;
        while (Offset < _text.Length && (IsNameStart(_text[Offset]) || char.IsDigit(_text[Offset])))
            Offset++;
        return Offset - start <= TemplateLimits.MaxNameLength
            ? new Token(TokenKind.Name, _text[start..Offset], start)
            : throw source.Fault(start, $"a name of {Offset - start} characters", $"at most {TemplateLimits.MaxNameLength} are allowed");
    }

    private static bool IsNameStart(char character) => character == '_' || char.IsLetter(character);

    private Token ReadString()
    {
        int start = Offset;
        char quote = _text[start];
        for (int i = start + 1; i < _text.Length; i++)
        {
            if (_text[i] == '\\')
            {
                i++;
            }
            else if (_text[i] == quote)
            {
                Offset = i + 1;
                return new Token(TokenKind.String, StringEscapes.Decode(source, start + 1, i), start);
            }
        }

        throw source.Fault(start, "a string has no end", remedy: $"close it with {quote}");
    }

    private Token ReadOperator()
    {
        int start = Offset;
        ReadOnlySpan<char> rest = _text.AsSpan(start);
        foreach (string symbol in s_longOperators)
        {
            if (rest.StartsWith(symbol, StringComparison.Ordinal))
            {
                Offset += symbol.Length;
                return new Token(TokenKind.Operator, symbol, start);
            }
        }

        char character = rest[0];
        if (!"+-/*%~[](){}><=.:|,".Contains(character))
            throw source.Fault(start, $"unexpected character '{character}'");
        Balance(character);
        Offset++;
        return new Token(TokenKind.Operator, character.ToString(), start);
    }

    private void Balance(char character)
    {
        if (character is '(' or '[' or '{')
        {
            _brackets.Push(character switch { '(' => ')', '[' => ']', _ => '}' });
        }
        else if (character is ')' or ']' or '}')
        {
            if (!_brackets.TryPop(out char expected))
                throw source.Fault(Offset, $"unexpected '{character}'", remedy: "nothing is open here that it could close");
            if (expected != character)
                throw source.Fault(Offset, $"unexpected '{character}'", $"'{expected}' must close the bracket");
        }
    }
}
