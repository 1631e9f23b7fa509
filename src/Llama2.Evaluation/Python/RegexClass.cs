using System.Globalization;
using System.Text;

namespace Llama2.Evaluation.Python;

/// <summary>Translates character classes and escapes of Python's regular expressions to .NET.</summary>
internal static class RegexClass
{
    // Python's \w: letters, numbers of all kinds and the underscore.
    private const string Word = @"\p{L}\p{N}_";
    // Python's \s: also the separators U+001C to U+001F.
    private const string Space = @"\s\x1c-\x1f";
    // Their complements, for use within a class.
    private const string NotWord = @"\p{M}\p{S}\p{Z}\p{C}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f";
    private const string NotSpace = @"\x00-\x08\x0e-\x1b\x21-\x84\x86-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\uffff";

    /// <summary>The members of a class such as <c>\w</c>, or of its opposite for an upper-case letter; null for other letters.</summary>
    public static string? Category(char letter) => letter switch
    {
        'w' or 'W' => Word,
        's' or 'S' => Space,
        'd' or 'D' => @"\d",
        _ => null,
    };

    /// <summary>Translates a class.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="offset">The offset after the opening bracket.</param>
    /// <param name="output">The translation is appended here.</param>
    /// <returns>The offset after the closing bracket.</returns>
    /// <exception cref="FormatException">The class is malformed, or cannot be translated.</exception>
    public static int Translate(string pattern, int offset, StringBuilder output)
    {
        int start = offset;
        bool isNegated = offset < pattern.Length && pattern[offset] == '^';
        offset += isNegated ? 1 : 0;
        bool includesPairs = isNegated;
        var members = new StringBuilder();
        var pairs = new StringBuilder();
        for (bool isFirst = true; ; isFirst = false)
        {
            if (offset >= pattern.Length)
                throw Fault("has a '[' without a ']'", start);
            if (pattern[offset] == ']' && !isFirst)
                break;
            if (pattern[offset] == '\\' && offset + 1 < pattern.Length && InClass(pattern[offset + 1]) is { } category)
            {
                members.Append(category);
                includesPairs ^= char.IsUpper(pattern[offset + 1]) && includesPairs == isNegated;
                offset += 2;
                continue;
            }

            (int low, offset) = ReadCharacter(pattern, offset);
            int high = low;
            if (offset + 1 < pattern.Length && pattern[offset] == '-' && pattern[offset + 1] != ']')
                (high, offset) = ReadCharacter(pattern, offset + 1);
            if (high < low)
                throw Fault("has a range whose end is before its beginning", start);
            Append(members, pairs, low, high, start);
        }

        if (isNegated && pairs.Length > 0)
            throw Fault("excludes characters above U+FFFF, which is not supported", start);
        string single = members.Length == 0 ? "" : $"[{(isNegated ? "^" : "")}{members}]";
        output.Append(pairs.Length == 0 ? OrPair(single, includesPairs) : $"(?:{OrPair(single, includesPairs)}{(single.Length > 0 ? pairs : pairs.Remove(0, 1))})");
        return offset + 1;
    }

    /// <summary>An expression that matches what another one matches and, if it includes them, the two halves of a character above U+FFFF.</summary>
    public static string OrPair(string expression, bool includesPairs)
        => includesPairs ? $"(?:[\\ud800-\\udbff][\\udc00-\\udfff]|{expression})" : expression;

    /// <summary>Reads an escape that stands for one character.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="offset">The offset after the backslash.</param>
    /// <returns>The character's code and the offset after the escape.</returns>
    /// <exception cref="FormatException">The escape is unknown.</exception>
    public static (int Code, int End) ReadEscape(string pattern, int offset)
    {
        if (offset >= pattern.Length)
            throw Fault("ends with a backslash", offset);
        char c = pattern[offset];
        switch (c)
        {
            case 'a': return (7, offset + 1);
            case 'f': return ('\f', offset + 1);
            case 'n': return ('\n', offset + 1);
            case 'r': return ('\r', offset + 1);
            case 't': return ('\t', offset + 1);
            case 'v': return ('\v', offset + 1);
            case 'x': return ReadHex(pattern, offset + 1, 2);
            case 'u': return ReadHex(pattern, offset + 1, 4);
            case 'U': return ReadHex(pattern, offset + 1, 8);
        }

        if (c is >= '0' and <= '7')
        {
            int end = offset, code = 0;
            while (end < pattern.Length && end < offset + 3 && pattern[end] is >= '0' and <= '7')
                code = (code * 8) + (pattern[end++] - '0');
            return code <= 255 ? (code, end) : throw Fault("has an octal escape above \\377", offset - 1);
        }

        if (char.IsAsciiLetterOrDigit(c))
            throw Fault($"has an unknown escape '\\{c}'", offset - 1);
        return (char.ConvertToUtf32(pattern, offset), offset + (char.IsHighSurrogate(c) ? 2 : 1));
    }

    /// <summary>Appends a character that stands for itself.</summary>
    public static void Append(StringBuilder output, int code)
    {
        if (code > 0xFFFF)
            output.Append("(?:").Append(char.ConvertFromUtf32(code)).Append(')');
        else
            output.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}");
    }

    private static void Append(StringBuilder members, StringBuilder pairs, int low, int high, int start)
    {
        if (high > 0xFFFF)
        {
            if (low != high)
                throw Fault("has a range with characters above U+FFFF, which is not supported", start);
            pairs.Append('|').Append(char.ConvertFromUtf32(low));
            return;
        }

        Append(members, low);
        if (low == high)
            return;
        members.Append('-');
        Append(members, high);
    }

    private static (int Code, int End) ReadCharacter(string pattern, int offset)
    {
        if (pattern[offset] != '\\')
            return char.IsHighSurrogate(pattern[offset]) && offset + 1 < pattern.Length
                ? (char.ConvertToUtf32(pattern, offset), offset + 2)
                : (pattern[offset], offset + 1);
        return offset + 1 < pattern.Length && pattern[offset + 1] == 'b' ? (8, offset + 2) : ReadEscape(pattern, offset + 1);
    }

    private static string? InClass(char letter) => letter switch
    {
        'W' => NotWord,
        'S' => NotSpace,
        'D' => @"\D",
        _ => Category(letter),
    };

    private static (int Code, int End) ReadHex(string pattern, int offset, int length)
        => offset + length <= pattern.Length
            && int.TryParse(pattern.AsSpan(offset, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            && code is >= 0 and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF)
            ? (code, offset + length)
            : throw Fault("has an incomplete or invalid escape", offset - 2);

    private static FormatException Fault(string what, int offset) => new(string.Create(CultureInfo.InvariantCulture, $"{what} (at character {offset + 1})"));
}
