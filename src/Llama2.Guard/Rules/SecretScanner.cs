using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Llama2.Guard.Rules;

/// <summary>
/// Finds secrets in a text in time that is proportional to its length. Fixed beginnings are found by one vectorized search; what follows each of them is read to a fixed
/// maximum length.
/// </summary>
internal static class SecretScanner
{
    public const string KeyMark = "-----BEGIN ";
    public const string TokenMark = "eyJ";
    public const int MaxLabelLength = 48;
    public const int MaxTokenPartLength = 8192;
    private const string KeyEnd = "PRIVATE KEY-----";
    private const int MaxValueLength = 512;
    private const int MinValueLength = 12;
    private const int MaxNameEndLength = 24;
    private const int MaxSignLength = 8;
    private const int MaxAssignmentLength = 16 + MaxNameEndLength + MaxSignLength + MaxValueLength;

    // A value that is assigned to a password or key is reported if a part of it looks random: 12 random characters have an entropy of about 3.4 bits for each
    // character, 24 have about 4.3. The whole value is not decisive, because a row of dots after it would lower its entropy.
    private const int PartLength = 24;
    private const double MinEntropy = 3.3;

    private static readonly SearchValues<string> s_prefixes = SearchValues.Create([.. SecretForm.All.Select(form => form.Prefix), KeyMark, TokenMark], StringComparison.Ordinal);

    private static readonly string[] s_names =
        ["password", "passwd", "pwd", "passphrase", "secret", "token", "api_key", "apikey", "api-key", "access_key", "access-key", "accesskey", "private_key", "auth_key", "credential"];

    private static readonly SearchValues<string> s_nameSearch = SearchValues.Create(s_names, StringComparison.OrdinalIgnoreCase);

    public static IEnumerable<TextFinding> Find(string text)
    {
        int runEnd = 0;
        for (int position = NextOf(text, 0, s_prefixes); position >= 0;)
        {
            TextFinding? found = FindAt(text, position, ref runEnd);
            if (found is { } finding)
                yield return finding;
            position = NextOf(text, found is { } end ? end.Start + end.Length : position + 1, s_prefixes);
        }

        int readTo = 0;
        for (int position = NextOf(text, 0, s_nameSearch); position >= 0;)
        {
            TextFinding? found = FindAssignment(text, position, ref readTo);
            if (found is { } finding)
                yield return finding;
            position = NextOf(text, found is { } end ? end.Start + end.Length : position + 1, s_nameSearch);
        }
    }

    /// <summary>Whether a text is the beginning of a name to which a secret may be assigned, or all of it.</summary>
    public static bool IsBeginningOfName(string text) => Array.Exists(s_names, name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>The position of the first name whose assignment the end of the text may have cut; the length of the text if there is none.</summary>
    public static int FindAssignmentBeginning(string text)
    {
        int position = NextOf(text, Math.Max(0, text.Length - MaxAssignmentLength), s_nameSearch);
        while (position >= 0 && ReadAssignment(text, position).End < text.Length)
            position = NextOf(text, position + 1, s_nameSearch);
        return position < 0 ? text.Length : position;
    }

    public static bool IsInToken(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';

    private static int NextOf(string text, int start, SearchValues<string> values)
    {
        int found = start >= text.Length ? -1 : text.AsSpan(start).IndexOfAny(values);
        return found < 0 ? -1 : start + found;
    }

    private static TextFinding? FindAt(string text, int position, ref int runEnd)
    {
        ReadOnlySpan<char> rest = text.AsSpan(position);
        if (rest.StartsWith(KeyMark, StringComparison.Ordinal))
            return FindPrivateKey(text, position);
        if (position > 0 && char.IsAsciiLetterOrDigit(text[position - 1]))
            return null;
        if (rest.StartsWith(TokenMark, StringComparison.Ordinal))
            return FindJwt(text, position, ref runEnd);
        foreach (SecretForm form in SecretForm.All)
        {
            if (!rest.StartsWith(form.Prefix, StringComparison.Ordinal))
                continue;
            int length = 0, limit = Math.Min(form.MaxLength + 1, rest.Length - form.Prefix.Length);
            while (length < limit && form.Allows(rest[form.Prefix.Length + length]))
                length++;
            // Placeholders such as xxxxxxxxxxxxxxxx have no entropy.
            if (length >= form.MinLength && length <= form.MaxLength && Entropy.Of(rest.Slice(form.Prefix.Length, length)) >= 2.5)
                return new TextFinding(form.Kind, position, form.Prefix.Length + length);
        }

        return null;
    }

    // A key whose end is missing, such as one that is still being written, extends to the end of the text.
    private static TextFinding? FindPrivateKey(string text, int position)
    {
        ReadOnlySpan<char> label = text.AsSpan(position + KeyMark.Length, Math.Min(MaxLabelLength, text.Length - position - KeyMark.Length));
        int mark = label.IndexOf(KeyEnd, StringComparison.Ordinal);
        if (mark < 0)
            return null;
        int body = position + KeyMark.Length + mark + KeyEnd.Length;
        int end = text.IndexOf(KeyEnd, body, StringComparison.Ordinal);
        return new TextFinding("private key", position, (end < 0 ? text.Length : end + KeyEnd.Length) - position) { IsCertain = true };
    }

    // A JSON web token (RFC 7519): three parts in Base64 for URLs with dots between them; the first is a JSON object that names the algorithm.
    private static TextFinding? FindJwt(string text, int position, ref int runEnd)
    {
        // The first parts of many beginnings of tokens can end at the same position, which is read once.
        runEnd = Math.Max(runEnd, position);
        while (runEnd < text.Length && IsInToken(text[runEnd]))
            runEnd++;
        int header = runEnd - position > MaxTokenPartLength ? 0 : runEnd - position;
        if (header == 0)
            return null;
        int claims = TokenPartLength(text, position + header + 1);
        int end = position + header + 1 + claims;
        if (claims == 0 || runEnd == text.Length || text[position + header] != '.' || end >= text.Length || text[end] != '.' || !NamesAlgorithm(text.AsSpan(position, header)))
            return null;
        return new TextFinding("JSON web token", position, end + 1 + TokenPartLength(text, end + 1) - position) { IsCertain = true };
    }

    private static int TokenPartLength(string text, int position)
    {
        int length = 0;
        while (position + length < text.Length && length < MaxTokenPartLength && IsInToken(text[position + length]))
            length++;
        return position + length < text.Length || length < MaxTokenPartLength ? length : 0;
    }

    private static bool NamesAlgorithm(ReadOnlySpan<char> base64)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(base64.Length)];
        if (Base64Url.DecodeFromChars(base64, bytes, out _, out int count) != OperationStatus.Done)
            return false;
        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(0, count));
            return header.RootElement.ValueKind == JsonValueKind.Object && header.RootElement.TryGetProperty("alg", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static TextFinding? FindAssignment(string text, int position, ref int readTo)
    {
        (int start, int end) = ReadAssignment(text, position);
        // The values of names within a value overlap. What was read once does not look random the second time either.
        for (int part = Math.Max(start, readTo); end - start >= MinValueLength && (part == start || part + PartLength <= end); part++)
        {
            readTo = part + 1;
            if (LooksRandom(text.AsSpan(part, Math.Min(PartLength, end - part))))
                return new TextFinding("password or key", start, end - start) { IsCertain = part + PartLength <= end };
        }

        return null;
    }

    // name = value, name: "value", "name": "value". A few characters that belong to the name or close a quotation may be between the name and the sign. The
    // value, which is empty if there is no sign, and its end or the position where the reading ended.
    private static (int Start, int End) ReadAssignment(string text, int position)
    {
        string name = Array.Find(s_names, name => text.AsSpan(position).StartsWith(name, StringComparison.OrdinalIgnoreCase))!;
        int at = position + name.Length, limit = Math.Min(text.Length, at + MaxNameEndLength);
        while (at < limit && text[at] is not ('=' or ':') && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-' or '"' or '\'' or ' '))
            at++;
        if (at >= limit || text[at] is not ('=' or ':'))
            return (at, at);
        limit = Math.Min(text.Length, at + MaxSignLength);
        while (at < limit && text[at] is '=' or ':' or '>' or ' ' or '"' or '\'' or '`')
            at++;
        int start = at;
        while (at < text.Length && at - start <= MaxValueLength && text[at] is > ' ' and < '\x7F' and not ('"' or '\'' or '`' or ',' or ';' or '<' or '>' or '(' or ')' or '{' or '}'))
            at++;
        return (start, at);
    }

    private static bool LooksRandom(ReadOnlySpan<char> part) =>
        part.ContainsAnyInRange('0', '9') && (part.ContainsAnyInRange('a', 'z') || part.ContainsAnyInRange('A', 'Z')) && Entropy.Of(part) >= MinEntropy;
}
