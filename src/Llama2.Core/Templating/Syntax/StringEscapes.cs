using System.Globalization;
using System.Text;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Syntax;

/// <summary>Escapes in a template's strings, as in Python; an unknown escape is kept unchanged, including its backslash.</summary>
internal static class StringEscapes
{
    /// <summary>Decodes the string between two offsets.</summary>
    public static string Decode(SourceText source, int start, int end)
    {
        ReadOnlySpan<char> raw = source.Text.AsSpan(start..end);
        if (!raw.Contains('\\'))
            return raw.ToString();

        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            // The lexer guarantees that there is no lone backslash at the end.
            if (raw[i] != '\\')
                text.Append(raw[i]);
            else
                i = Append(text, raw, i + 1, source, start);
        }

        return text.ToString();
    }

    /// <summary>Appends the character of an escape; returns the index of the escape's last character.</summary>
    private static int Append(StringBuilder text, ReadOnlySpan<char> raw, int i, SourceText source, int start)
    {
        switch (raw[i])
        {
            case '\n':
                return i;
            case 'x':
                return AppendCode(text, raw, i, 2, source, start);
            case 'u':
                return AppendCode(text, raw, i, 4, source, start);
            case 'U':
                return AppendCode(text, raw, i, 8, source, start);
            case 'N':
                throw source.Fault(start + i - 1, "'\\N' names a character", "names of characters are not supported", "write the character, or its code as \\uXXXX");
            case >= '0' and <= '7':
                int code = 0, last = i;
                for (int digit = i; digit < Math.Min(i + 3, raw.Length) && raw[digit] is >= '0' and <= '7'; digit++)
                    (code, last) = ((8 * code) + raw[digit] - '0', digit);
                text.Append((char)code);
                return last;
        }

        const string letters = "abfnrtv\\'\"", meanings = "\a\b\f\n\r\t\v\\'\"";
        int index = letters.IndexOf(raw[i]);
        _ = index >= 0 ? text.Append(meanings[index]) : text.Append('\\').Append(raw[i]);
        return i;
    }

    private static int AppendCode(StringBuilder text, ReadOnlySpan<char> raw, int i, int length, SourceText source, int start)
    {
        ReadOnlySpan<char> digits = raw[(i + 1)..Math.Min(i + 1 + length, raw.Length)];
        if (digits.Length < length || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || code > 0x10FFFF)
            throw source.Fault(start + i - 1, $"'\\{raw[i]}{digits}' is not a character", $"{length} hexadecimal digits must follow, up to 10FFFF");
        if (code <= char.MaxValue)
            text.Append((char)code);
        else
            text.Append(char.ConvertFromUtf32((int)code));
        return i + length;
    }
}
