using System.Globalization;
using System.Numerics;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Characters;

/// <summary>Converts integers to text and back, like Python's <c>str</c>, <c>format</c> and <c>int</c>.</summary>
internal static class IntegerText
{
    /// <summary>The number in decimal digits.</summary>
    /// <exception cref="PromptTemplateException">The number has too many digits.</exception>
    public static string Of(RenderContext context, BigInteger value)
    {
        if (long.MinValue <= value && value <= long.MaxValue)
            return ((long)value).ToString(CultureInfo.InvariantCulture);
        // A decimal digit has 3.32 bits. The time to convert a number grows with the square of its length.
        long bitCount = value.GetBitLength();
        if (bitCount > (TemplateLimits.MaxDigitCount * 10L / 3) + 3)
            throw TooLong(context);
        context.ChargeProduct(2 * bitCount, 2 * bitCount);
        string digits = value.ToString(CultureInfo.InvariantCulture);
        return digits.Length - (value.Sign < 0 ? 1 : 0) <= TemplateLimits.MaxDigitCount ? digits : throw TooLong(context);
    }

    /// <summary>The magnitude's digits in base 2, 8, 10 or 16, in lower case.</summary>
    public static string Of(RenderContext context, BigInteger magnitude, int numberBase)
    {
        if (numberBase == 10)
            return Of(context, magnitude);
        int bitCount = numberBase switch { 2 => 1, 8 => 3, _ => 4 };
        int count = Math.Max(1, (int)((magnitude.GetBitLength() + bitCount - 1) / bitCount));
        context.ChargeText(count, 0);
        return string.Create(count, (magnitude, bitCount), static (characters, state) =>
        {
            byte[] bytes = state.magnitude.ToByteArray(isUnsigned: true);
            for (int i = 0; i < characters.Length; i++)
            {
                int digit = 0;
                for (int bit = (i + 1) * state.bitCount; bit-- > i * state.bitCount;)
                    digit = (digit << 1) | (bit / 8 < bytes.Length ? (bytes[bit / 8] >> (bit % 8)) & 1 : 0);
                characters[^(i + 1)] = "0123456789abcdef"[digit];
            }
        });
    }

    /// <summary>
    /// Reads a whole number in a base from 2 to 36. If the base is 0, a prefix such as 0x gives the base. Returns null if the text is not a number.
    /// </summary>
    public static BigInteger? Parse(RenderContext context, string text, int numberBase)
    {
        context.ChargeScan(text.Length);
        ReadOnlySpan<char> digits = PythonSpace.Trim(text);
        bool isNegative = digits is ['-', ..];
        if (digits is ['-' or '+', ..])
            digits = digits[1..];
        bool hadPrefix = TakePrefix(ref digits, ref numberBase);
        if (numberBase == 0)
        {
            // Without a prefix, only 0 itself may begin with 0, because a number such as 010 was octal in older versions of Python.
            if (digits is ['0', ..] && digits.ContainsAnyExcept("0_"))
                return null;
            numberBase = 10;
        }

        if (hadPrefix && digits is ['_', ..])
            digits = digits[1..];
        if (digits.Length - digits.Count('_') > TemplateLimits.MaxDigitCount)
            return null;
        context.ChargeProduct(16L * digits.Length, 16L * digits.Length);
        BigInteger value = BigInteger.Zero;
        // As many digits as fit into 64 bits are combined before they are added to the number.
        ulong part = 0, scale = 1;
        bool mayBreak = false;
        foreach (char character in digits)
        {
            if (character == '_' && mayBreak)
            {
                mayBreak = false;
                continue;
            }

            int digit = Digit(character);
            if (digit < 0 || digit >= numberBase)
                return null;
            if (scale > ulong.MaxValue / (ulong)numberBase)
            {
                value = (value * scale) + part;
                (part, scale) = (0, 1);
            }

            part = (part * (ulong)numberBase) + (ulong)digit;
            scale *= (ulong)numberBase;
            mayBreak = true;
        }

        value = (value * scale) + part;
        return !mayBreak ? null : isNegative ? -value : value;
    }

    private static bool TakePrefix(ref ReadOnlySpan<char> digits, ref int numberBase)
    {
        int prefixed = digits is ['0', 'x' or 'X', ..] ? 16 : digits is ['0', 'o' or 'O', ..] ? 8 : digits is ['0', 'b' or 'B', ..] ? 2 : 0;
        if (prefixed == 0 || (numberBase != 0 && numberBase != prefixed))
            return false;
        numberBase = prefixed;
        digits = digits[2..];
        return true;
    }

    private static int Digit(char character) => character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'a' and <= 'z' => character - 'a' + 10,
        >= 'A' and <= 'Z' => character - 'A' + 10,
        _ when char.GetUnicodeCategory(character) == UnicodeCategory.DecimalDigitNumber => CharUnicodeInfo.GetDecimalDigitValue(character),
        _ => -1,
    };

    private static PromptTemplateException TooLong(RenderContext context) =>
        context.Fault("a whole number with too many digits is printed", $"at most {TemplateLimits.MaxDigitCount} digits are allowed, as in Python");
}
