using System.Buffers;

namespace Llama2.Guard.Rules;

/// <summary>
/// Finds the position from which an unfinished text may be incomplete personal data. The position may be too early, never too late. What is read has a
/// fixed maximum length.
/// </summary>
internal static class PersonalDataBeginnings
{
    // 19 digits in groups of one, with two characters between them, and a sign before them.
    private const int MaxNumberLength = 64;
    private const int MaxAddressLength = 64;
    private const int MaxAccountLength = 72;

    private static readonly SearchValues<char> s_numberStarts = SearchValues.Create("0123456789+(");

    /// <summary>The position; the length of the text if there is none.</summary>
    public static int Find(string text, PersonalDataKinds kinds)
    {
        int place = text.Length;
        if (kinds.HasFlag(PersonalDataKinds.EmailAddress))
            place = Math.Min(place, AddressScanner.FindEmailBeginning(text));
        if (kinds.HasFlag(PersonalDataKinds.InternetAddress))
            place = Math.Min(place, RunAtEnd(text, MaxAddressLength, AddressScanner.IsInAddress));
        if (kinds.HasFlag(PersonalDataKinds.BankAccount))
            place = Math.Min(place, FindAccount(text));
        return (kinds & (PersonalDataKinds.PaymentCard | PersonalDataKinds.PhoneNumber | PersonalDataKinds.SocialSecurityNumber)) == 0 ? place : Math.Min(place, FindNumber(text));
    }

    private static int FindNumber(string text)
    {
        int start = RunAtEnd(text, MaxNumberLength, character => char.IsAsciiDigit(character) || character is ' ' or '-' or '.' or '(' or ')' or '+');
        int first = text.AsSpan(start).IndexOfAny(s_numberStarts);
        return first < 0 ? text.Length : start + first;
    }

    private static int FindAccount(string text)
    {
        int position = Math.Max(0, text.Length - MaxAccountLength);
        while (position < text.Length && !BankAccountScanner.MayBegin(text, position))
            position++;
        return position;
    }

    private static int RunAtEnd(string text, int maxLength, Func<char, bool> isPart)
    {
        int start = text.Length;
        while (start > 0 && text.Length - start < maxLength && isPart(text[start - 1]))
            start--;
        return start;
    }
}
