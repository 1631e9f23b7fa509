using System.Collections.Frozen;
using System.Globalization;

namespace Llama2.Guard.Rules;

/// <summary>Finds international bank account numbers (ISO 13616): two letters of a country, two digits of a checksum, then up to 30 letters and digits, in groups or not.</summary>
internal static class BankAccountScanner
{
    // The length of accounts in each country, from SWIFT's IBAN registry.
    private const string Lengths =
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 " +
        "HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 " +
        "QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20";

    private static readonly FrozenDictionary<string, int> s_lengths =
        Lengths.Split(' ').ToFrozenDictionary(entry => entry[..2], entry => int.Parse(entry.AsSpan(2), CultureInfo.InvariantCulture));

    public static IEnumerable<TextFinding> Find(string text)
    {
        for (int position = 0; position + 15 <= text.Length; position++)
        {
            if (BeginsWithCountry(text, position) && Read(text, position) is { IsAccount: true, End: int end })
            {
                yield return new TextFinding("bank account number", position, end - position);
                position = end - 1;
            }
        }
    }

    /// <summary>Whether an unfinished text may have an incomplete account number at a position.</summary>
    public static bool MayBegin(string text, int position) =>
        position + 1 == text.Length ? char.IsAsciiLetter(text[position]) && IsBegin(text, position) : BeginsWithCountry(text, position) && Read(text, position).End == text.Length;

    private static bool BeginsWithCountry(string text, int position) =>
        char.IsAsciiLetter(text[position]) && char.IsAsciiLetter(text[position + 1]) && IsBegin(text, position) && s_lengths.ContainsKey(text.Substring(position, 2).ToUpperInvariant());

    private static bool IsBegin(string text, int position) => position == 0 || !char.IsLetterOrDigit(text[position - 1]);

    // Whether there is an account, and where it or the reading of it ended.
    private static (bool IsAccount, int End) Read(string text, int start)
    {
        int length = s_lengths[text.Substring(start, 2).ToUpperInvariant()];
        Span<char> account = stackalloc char[length];
        int count = 0, position = start;
        for (; position < text.Length && count < length; position++)
        {
            char character = text[position];
            if (char.IsAsciiLetterOrDigit(character) && (count is not (2 or 3) || char.IsAsciiDigit(character)))
                account[count++] = char.ToUpperInvariant(character);
            else if (character is not (' ' or '-') || !char.IsAsciiLetterOrDigit(text[position - 1]))
                return (false, position);
        }

        bool isWhole = count == length && (position == text.Length || !char.IsLetterOrDigit(text[position]));
        return (isWhole && Checksums.IsIban(account), position);
    }
}
