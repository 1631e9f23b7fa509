using System.Net;
using System.Net.Sockets;

namespace Llama2.Guard.Rules;

/// <summary>Finds e-mail addresses and internet addresses. What is read around each sign has a fixed maximum length.</summary>
internal static class AddressScanner
{
    private const int MaxLocalLength = 64;
    private const int MaxDomainLength = 253;
    private const int MaxAddressLength = 45;

    /// <summary>E-mail addresses (RFC 5321) without quotation marks, with a domain that has a dot.</summary>
    public static IEnumerable<TextFinding> FindEmails(string text)
    {
        for (int sign = text.IndexOf('@'); sign >= 0; sign = text.IndexOf('@', sign + 1))
        {
            int start = sign, end = sign + 1;
            while (start > 0 && sign - start < MaxLocalLength && IsLocal(text[start - 1]))
                start--;
            while (end < text.Length && end - sign <= MaxDomainLength && IsInDomain(text[end]))
                end++;
            while (start < sign && text[start] == '.')
                start++;
            while (end > sign + 1 && text[end - 1] is '.' or '-')
                end--;
            int dot = text.LastIndexOf('.', end - 1, end - sign);
            bool hasTop = dot > sign + 1 && end - dot > 2 && text.AsSpan(dot + 1, end - dot - 1).IndexOfAnyInRange('0', '9') < 0;
            if (start < sign && hasTop && !text.AsSpan(sign, end - sign).Contains("..", StringComparison.Ordinal))
                yield return new TextFinding("e-mail address", start, end - start);
        }
    }

    /// <summary>The position from which an unfinished text may be an e-mail address; the length of the text if there is none.</summary>
    public static int FindEmailBeginning(string text)
    {
        // A sign belongs to an unfinished address only if all characters after it may belong to a domain.
        int domain = text.Length;
        while (domain > 0 && text.Length - domain <= MaxDomainLength && IsInDomain(text[domain - 1]))
            domain--;
        int end = domain > 0 && text[domain - 1] == '@' ? domain - 1 : text.Length, start = end;
        while (start > 0 && end - start < MaxLocalLength && IsLocal(text[start - 1]))
            start--;
        return start;
    }

    /// <summary>Internet addresses of versions 4 and 6, except loopback and unspecified ones.</summary>
    public static IEnumerable<TextFinding> FindInternetAddresses(string text)
    {
        for (int position = 0; position < text.Length; position++)
        {
            if (!IsInAddress(text[position]))
                continue;
            int end = position;
            while (end < text.Length && IsInAddress(text[end]))
                end++;
            int trimmed = end;
            while (trimmed > position && text[trimmed - 1] == '.')
                trimmed--;
            bool isPart = (position > 0 && (char.IsLetterOrDigit(text[position - 1]) || text[position - 1] is '_' or '-')) || (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '-'));
            if (!isPart && IsAddress(text.AsSpan(position, trimmed - position)))
                yield return new TextFinding("IP address", position, trimmed - position);
            position = end;
        }
    }

    private static bool IsInDomain(char character) => char.IsLetterOrDigit(character) || character is '.' or '-';

    private static bool IsLocal(char character) => char.IsLetterOrDigit(character) || "!#$%&'*+-/=?^_`{|}~.".Contains(character);

    /// <summary>Whether a character may be a part of an internet address.</summary>
    public static bool IsInAddress(char character) => char.IsAsciiHexDigit(character) || character is '.' or ':';

    private static bool IsAddress(ReadOnlySpan<char> text)
    {
        // An address of version 4 with a port is an address, too.
        int colon = text.IndexOf(':');
        if (colon >= 0 && colon == text.LastIndexOf(':') && text.Count('.') == 3)
            text = text[..colon];
        bool hasForm = text.Length <= MaxAddressLength && (text.Contains(':') ? text.Count(':') >= 2 && text.IndexOfAnyInRange('0', '9') >= 0 : text.Count('.') == 3 && HasPlainParts(text));
        return hasForm && IPAddress.TryParse(text, out IPAddress? address) && !IPAddress.IsLoopback(address)
            && address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
    }

    // IPAddress also reads parts in octal and hexadecimal, which nobody writes in a chat.
    private static bool HasPlainParts(ReadOnlySpan<char> text)
    {
        foreach (Range part in text.Split('.'))
        {
            if (text[part].Length is 0 or > 3 || text[part].ContainsAnyExceptInRange('0', '9') || (text[part].Length > 1 && text[part][0] == '0'))
                return false;
        }

        return true;
    }
}
