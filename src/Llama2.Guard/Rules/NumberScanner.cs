namespace Llama2.Guard.Rules;

/// <summary>Finds payment cards, telephone numbers and social security numbers: groups of digits with separators between them, read to a fixed maximum length.</summary>
internal static class NumberScanner
{
    private const int MaxDigitCount = 19;

    public static IEnumerable<TextFinding> Find(string text, PersonalDataKinds kinds)
    {
        for (int position = 0; position < text.Length;)
        {
            if (!char.IsAsciiDigit(text[position]))
            {
                position++;
                continue;
            }

            List<DigitRow> rows = ReadRows(text, position);
            TextFinding? found = null;
            for (int i = rows.Count - 1; i >= 0 && found is null; i--)
                found = FindIn(text, rows[i], kinds);
            if (found is { } finding)
                yield return finding;
            position = found is { } end ? end.Start + end.Length : EndOfGroup(text, position);
        }
    }

    // The rows that begin at a position: its first group of digits, its first two groups, and so on.
    private static List<DigitRow> ReadRows(string text, int start)
    {
        List<DigitRow> rows = [];
        string digits = "";
        for (int position = start; position < text.Length && char.IsAsciiDigit(text[position]);)
        {
            int end = EndOfGroup(text, position);
            if (digits.Length + (end - position) > MaxDigitCount)
                break;
            digits += text[position..end];
            rows.Add(new DigitRow(start, end, digits, ShapeOf(text.AsSpan(start, end - start))));
            bool hasBracket = end + 1 < text.Length && text[end] == ')' && text[end + 1] == ' ';
            position = hasBracket ? end + 2 : end < text.Length && text[end] is ' ' or '-' or '.' or ')' ? end + 1 : text.Length;
        }

        return rows;
    }

    private static int EndOfGroup(string text, int position)
    {
        while (position < text.Length && char.IsAsciiDigit(text[position]))
            position++;
        return position;
    }

    private static string ShapeOf(ReadOnlySpan<char> row)
    {
        Span<char> shape = stackalloc char[row.Length];
        for (int i = 0; i < row.Length; i++)
            shape[i] = char.IsAsciiDigit(row[i]) ? 'd' : row[i];
        return shape.ToString();
    }

    private static TextFinding? FindIn(string text, DigitRow row, PersonalDataKinds kinds)
    {
        bool isPart = (row.Start > 0 && (char.IsLetterOrDigit(text[row.Start - 1]) || text[row.Start - 1] is '_' or '/'))
            || (row.End < text.Length && (char.IsLetterOrDigit(text[row.End]) || text[row.End] is '_' or '/'));
        if (isPart)
            return null;
        if (kinds.HasFlag(PersonalDataKinds.PaymentCard) && IsCard(row))
            return Of("payment card", row, 0);
        if (kinds.HasFlag(PersonalDataKinds.SocialSecurityNumber) && IsSocialSecurityNumber(row))
            return Of("social security number", row, 0);
        bool hasPlus = row.Start > 0 && text[row.Start - 1] == '+';
        if (kinds.HasFlag(PersonalDataKinds.PhoneNumber) && (hasPlus ? row.Digits.Length is >= 8 and <= 15 : IsNorthAmerican(row)))
            return Of("phone number", row, row.Start > 0 && text[row.Start - 1] is '+' or '(' ? 1 : 0);
        return null;
    }

    private static TextFinding Of(string kind, DigitRow row, int before) => new(kind, row.Start - before, row.End - row.Start + before);

    // One in ten numbers has a valid checksum by chance, so the digits must be grouped as on cards, and there must be at least two different digits.
    private static bool IsCard(DigitRow row) => row.Digits.Length >= 13 && row.Digits[0] is >= '2' and <= '6' && row.Digits.Distinct().Skip(1).Any()
        && HasGroupsOfCards(row.Shape.Replace(' ', '-')) && Checksums.IsLuhn(row.Digits);

    private static bool HasGroupsOfCards(string shape) =>
        shape.All(character => character == 'd') || shape is "dddd-dddd-dddd-dddd" or "dddd-dddd-dddd-dddd-ddd" or "dddd-dddddd-ddddd" or "dddd-dddddd-dddd";

    // The ranges that are never assigned, according to the Social Security Administration.
    private static bool IsSocialSecurityNumber(DigitRow row) => row.Shape is "ddd-dd-dddd" or "ddd dd dddd"
        && row.Digits[0] != '9' && !row.Digits.StartsWith("000", StringComparison.Ordinal) && !row.Digits.StartsWith("666", StringComparison.Ordinal)
        && row.Digits.AsSpan(3, 2) is not "00" && row.Digits.AsSpan(5) is not "0000";

    // Area codes and exchanges begin with 2 to 9.
    private static bool IsNorthAmerican(DigitRow row) =>
        row.Shape is "ddd-ddd-dddd" or "ddd ddd dddd" or "ddd.ddd.dddd" or "ddd) ddd-dddd" or "ddd)ddd-dddd" or "d-ddd-ddd-dddd" or "d.ddd.ddd.dddd"
        && row.Digits[^10] >= '2' && row.Digits[^7] >= '2';
}
