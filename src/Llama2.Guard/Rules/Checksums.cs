namespace Llama2.Guard.Rules;

/// <summary>Checksums of numbers that people type.</summary>
internal static class Checksums
{
    /// <summary>The checksum of payment cards (ISO/IEC 7812-1, after Luhn): from the right, every second digit is doubled, and the sum of all digits ends in 0.</summary>
    /// <param name="digits">ASCII digits.</param>
    public static bool IsLuhn(ReadOnlySpan<char> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
        }

        return sum % 10 == 0;
    }

    /// <summary>
    /// The checksum of bank accounts (ISO 13616, ISO 7064): the first four characters go to the end, letters become the numbers 10 to 35, and the number has
    /// the remainder 1 when it is divided by 97.
    /// </summary>
    /// <param name="account">ASCII capitals and digits, at least five.</param>
    public static bool IsIban(ReadOnlySpan<char> account)
    {
        int remainder = 0;
        for (int i = 0; i < account.Length; i++)
        {
            char character = account[(i + 4) % account.Length];
            remainder = char.IsAsciiDigit(character) ? ((remainder * 10) + (character - '0')) % 97 : ((remainder * 100) + (character - 'A' + 10)) % 97;
        }

        return remainder == 1;
    }
}
