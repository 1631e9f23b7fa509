namespace Llama2.Guard.Rules;

/// <summary>
/// Finds the position from which an unfinished text may be an incomplete secret. The position may be too early, never too late. What is read has a fixed
/// maximum length.
/// </summary>
internal static class SecretBeginnings
{
    // The longest fixed beginning, with room.
    private const int MaxMarkLength = 16;

    private static readonly string[] s_marks = [.. SecretForm.All.Select(form => form.Prefix), SecretScanner.KeyMark, SecretScanner.TokenMark];

    /// <summary>The position; the length of the text if there is none.</summary>
    public static int Find(string text) => Math.Min(Math.Min(FindMark(text), FindKey(text)), Math.Min(FindToken(text), SecretScanner.FindAssignmentBeginning(text)));

    // A part of a mark or of a name.
    private static int FindMark(string text)
    {
        for (int position = Math.Max(0, text.Length - MaxMarkLength); position < text.Length; position++)
        {
            string rest = text[position..];
            if (Array.Exists(s_marks, mark => mark.StartsWith(rest, StringComparison.Ordinal)) || SecretScanner.IsBeginningOfName(rest))
                return position;
        }

        return text.Length;
    }

    // A mark, and as many of the characters that may follow it as there are.
    private static int FindKey(string text)
    {
        for (int position = Math.Max(0, text.Length - SecretForm.MaxKeyLength); position < text.Length; position++)
        {
            ReadOnlySpan<char> rest = text.AsSpan(position);
            if (rest.StartsWith(SecretScanner.KeyMark, StringComparison.Ordinal) && rest.Length < SecretScanner.KeyMark.Length + SecretScanner.MaxLabelLength)
                return position;
            if (position > 0 && char.IsAsciiLetterOrDigit(text[position - 1]))
                continue;
            foreach (SecretForm form in SecretForm.All)
            {
                if (rest.StartsWith(form.Prefix, StringComparison.Ordinal) && rest.Length <= form.Prefix.Length + form.MaxLength && IsAllowed(rest[form.Prefix.Length..], form))
                    return position;
            }
        }

        return text.Length;
    }

    // A JSON web token of which one, two or three parts are there; only the last one may be cut.
    private static int FindToken(string text)
    {
        int place = text.Length, end = text.Length;
        for (int part = 0; part < 3; part++)
        {
            int start = end;
            while (start > 0 && end - start <= SecretScanner.MaxTokenPartLength && SecretScanner.IsInToken(text[start - 1]))
                start--;
            int mark = start;
            while (mark < end && !(text.AsSpan(mark, end - mark).StartsWith(SecretScanner.TokenMark, StringComparison.Ordinal) && (mark == 0 || !char.IsAsciiLetterOrDigit(text[mark - 1]))))
                mark++;
            if (mark < end)
                place = mark;
            if (start == 0 || text[start - 1] != '.')
                break;
            end = start - 1;
        }

        return place;
    }

    private static bool IsAllowed(ReadOnlySpan<char> body, SecretForm form)
    {
        foreach (char character in body)
        {
            if (!form.Allows(character))
                return false;
        }

        return true;
    }
}
