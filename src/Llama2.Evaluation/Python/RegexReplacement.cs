using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Llama2.Evaluation.Python;

/// <summary>The replacements of Python's <c>re.sub</c>: text with the escapes <c>\n</c>, <c>\1</c> and <c>\g&lt;name&gt;</c>.</summary>
internal static class RegexReplacement
{
    /// <summary>Reads a replacement.</summary>
    /// <exception cref="EvaluationDataException">The replacement is malformed, or refers to a group that does not exist.</exception>
    public static Func<Match, string> Parse(string replacement, int groupCount, IReadOnlyDictionary<string, int> names)
    {
        // A text, or the number of a group.
        List<(string Text, int Group)> parts = [];
        var text = new StringBuilder();
        for (int i = 0; i < replacement.Length;)
        {
            if (replacement[i] != '\\')
            {
                text.Append(replacement[i++]);
                continue;
            }

            int group = ReadGroup(replacement, ref i, names);
            if (group < 0)
            {
                text.Append(ReadCharacter(replacement, ref i));
                continue;
            }

            if (group > groupCount)
                throw new EvaluationDataException($"The replacement '{replacement}' refers to the group {group}, but the regular expression has {groupCount}.");
            parts.Add((text.ToString(), -1));
            parts.Add(("", group));
            text.Clear();
        }

        parts.Add((text.ToString(), -1));
        return match => string.Concat(parts.Select(part => part.Group < 0 ? part.Text : match.Groups[part.Group].Value));
    }

    private static string ReadCharacter(string replacement, ref int offset)
    {
        const string Letters = "abfnrtv\\", Meanings = "\a\b\f\n\r\t\v\\";
        char escaped = offset + 1 < replacement.Length ? replacement[offset + 1] : throw Malformed(replacement, "ends with a backslash");
        if (char.IsAsciiDigit(escaped))
        {
            // At most three octal digits; the class refuses codes above 255.
            int code = 0, end = offset + 1;
            while (end < replacement.Length && end < offset + 4 && replacement[end] is >= '0' and <= '7')
                code = (code * 8) + (replacement[end++] - '0');
            offset = end;
            return code <= 255 ? ((char)code).ToString() : throw Malformed(replacement, "has an octal escape above \\377");
        }

        int index = Letters.IndexOf(escaped, StringComparison.Ordinal);
        if (index < 0 && char.IsAsciiLetter(escaped))
            throw Malformed(replacement, $"has an unknown escape '\\{escaped}'");
        offset += 2;
        // The backslash before other characters is kept.
        return index < 0 ? $"\\{escaped}" : Meanings[index].ToString();
    }

    private static EvaluationDataException Malformed(string replacement, string what) => new($"The replacement '{replacement}' {what}.");

    // Returns -1 if the escape does not refer to a group.
    private static int ReadGroup(string replacement, ref int offset, IReadOnlyDictionary<string, int> names)
    {
        int start = offset + 1;
        if (start < replacement.Length && replacement[start] == 'g')
        {
            int end = replacement.IndexOf('>', start);
            string name = start + 1 < replacement.Length && replacement[start + 1] == '<' && end > start ? replacement[(start + 2)..end] : "";
            offset = end + 1;
            return names.TryGetValue(name, out int number) || int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                ? number
                : throw new EvaluationDataException($"The replacement '{replacement}' has no '\\g<name>' with the name or number of a group.");
        }

        int digits = start;
        while (digits < replacement.Length && digits - start < 3 && char.IsAsciiDigit(replacement[digits]))
            digits++;
        ReadOnlySpan<char> value = replacement.AsSpan(start, digits - start);
        // \0 and three octal digits are characters.
        if (value.Length == 0 || value[0] == '0' || (value.Length == 3 && value.IndexOfAnyExceptInRange('0', '7') < 0))
            return -1;
        offset = Math.Min(digits, start + 2);
        return int.Parse(value[..(offset - start)], CultureInfo.InvariantCulture);
    }
}
