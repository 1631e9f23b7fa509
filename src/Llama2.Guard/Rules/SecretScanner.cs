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
    private const string KeyMark = "-----BEGIN ";
    private const string KeyEnd = "PRIVATE KEY-----";
    private const int MaxJwtPartLength = 8192;
    private const int MaxValueLength = 512;
    private const int MinValueLength = 12;

    // A value that is assigned to a password or key is reported if a part of it looks random: 12 random characters have about 3.4 bits, 24 have about 4.3. The whole value is not
    // decisive, because a row of dots after it would lower its entropy.
    private const int PartLength = 24;
    private const double MinEntropy = 3.3;

    private static readonly SearchValues<string> s_prefixes = SearchValues.Create([.. SecretForm.All.Select(form => form.Prefix), KeyMark, "eyJ"], StringComparison.Ordinal);

    private static readonly string[] s_names =
        ["password", "passwd", "pwd", "passphrase", "secret", "token", "api_key", "apikey", "api-key", "access_key", "access-key", "accesskey", "private_key", "auth_key", "credential"];

    private static readonly SearchValues<string> s_nameSearch = SearchValues.Create(s_names, StringComparison.OrdinalIgnoreCase);

    public static IEnumerable<TextFinding> Find(string text)
    {
        for (int position = NextOf(text, 0, s_prefixes); position >= 0;)
        {
            TextFinding? found = FindAt(text, position);
            if (found is { } finding)
                yield return finding;
            position = NextOf(text, found is { } end ? end.Start + end.Length : position + 1, s_prefixes);
        }

        for (int position = NextOf(text, 0, s_nameSearch); position >= 0;)
        {
            TextFinding? found = FindAssignment(text, position);
            if (found is { } finding)
                yield return finding;
            position = NextOf(text, found is { } end ? end.Start + end.Length : position + 1, s_nameSearch);
        }
    }

    private static int NextOf(string text, int start, SearchValues<string> values)
    {
        int found = start >= text.Length ? -1 : text.AsSpan(start).IndexOfAny(values);
        return found < 0 ? -1 : start + found;
    }

    private static TextFinding? FindAt(string text, int position)
    {
        ReadOnlySpan<char> rest = text.AsSpan(position);
        if (rest.StartsWith(KeyMark, StringComparison.Ordinal))
            return FindPrivateKey(text, position);
        if (position > 0 && char.IsAsciiLetterOrDigit(text[position - 1]))
            return null;
        if (rest.StartsWith("eyJ", StringComparison.Ordinal))
            return FindJwt(text, position);
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
        ReadOnlySpan<char> label = text.AsSpan(position + KeyMark.Length, Math.Min(48, text.Length - position - KeyMark.Length));
        int mark = label.IndexOf(KeyEnd, StringComparison.Ordinal);
        if (mark < 0)
            return null;
        int body = position + KeyMark.Length + mark + KeyEnd.Length;
        int end = text.IndexOf(KeyEnd, body, StringComparison.Ordinal);
        return new TextFinding("private key", position, (end < 0 ? text.Length : end + KeyEnd.Length) - position);
    }

    // A JSON web token (RFC 7519): three parts in Base64 for URLs with dots between them; the first is a JSON object that names the algorithm.
    private static TextFinding? FindJwt(string text, int position)
    {
        int header = TokenPartLength(text, position), claims = TokenPartLength(text, position + header + 1);
        int end = position + header + 1 + claims;
        if (header == 0 || claims == 0 || text[position + header] != '.' || end >= text.Length || text[end] != '.' || !NamesAlgorithm(text.AsSpan(position, header)))
            return null;
        return new TextFinding("JSON web token", position, end + 1 + TokenPartLength(text, end + 1) - position);
    }

    private static int TokenPartLength(string text, int position)
    {
        int length = 0;
        while (position + length < text.Length && length < MaxJwtPartLength && (char.IsAsciiLetterOrDigit(text[position + length]) || text[position + length] is '-' or '_'))
            length++;
        return position + length < text.Length || length < MaxJwtPartLength ? length : 0;
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

    // name = value, name: "value", "name": "value". Between the name and the sign may be a few characters that belong to the name or close a quotation.
    private static TextFinding? FindAssignment(string text, int position)
    {
        string name = Array.Find(s_names, name => text.AsSpan(position).StartsWith(name, StringComparison.OrdinalIgnoreCase))!;
        int at = position + name.Length, limit = Math.Min(text.Length, at + 24);
        while (at < limit && text[at] is not ('=' or ':') && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-' or '"' or '\'' or ' '))
            at++;
        if (at >= limit || text[at] is not ('=' or ':'))
            return null;
        limit = Math.Min(text.Length, at + 8);
        while (at < limit && text[at] is '=' or ':' or '>' or ' ' or '"' or '\'' or '`')
            at++;
        int start = at;
        while (at < text.Length && at - start <= MaxValueLength && text[at] is > ' ' and < '\x7F' and not ('"' or '\'' or '`' or ',' or ';' or '<' or '>' or '(' or ')' or '{' or '}'))
            at++;
        ReadOnlySpan<char> value = text.AsSpan(start, at - start);
        for (int part = 0; value.Length >= MinValueLength && (part == 0 || part + PartLength <= value.Length); part++)
        {
            if (LooksRandom(value.Slice(part, Math.Min(PartLength, value.Length))))
                return new TextFinding("password or key", start, value.Length);
        }

        return null;
    }

    private static bool LooksRandom(ReadOnlySpan<char> part) =>
        part.ContainsAnyInRange('0', '9') && (part.ContainsAnyInRange('a', 'z') || part.ContainsAnyInRange('A', 'Z')) && Entropy.Of(part) >= MinEntropy;
}
