using System.Globalization;
using System.Numerics;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Characters;

/// <summary>Numbers of double precision as Python writes them. Digits are exact and rounded half to even, however many are requested.</summary>
internal static class DoubleText
{
    // No double has more digits than this after its point, nor more digits than this in total. All further digits are zeros.
    private const int MaxDigitCount = 1100;

    /// <summary>
    /// Python's <c>repr</c>: the fewest digits that determine the number, with an exponent if the magnitude is below 1e-4, or is 1e16 or more.
    /// </summary>
    public static string Shortest(double value)
    {
        if (!double.IsFinite(value))
            return NotFinite(value);
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        // .NET writes an exponent below 1e-4 and from 1e17. It is not computed in another way, because it must belong to these digits: with 17 digits, 1e-7
        // is 9.9999999999999995e-8.
        int exponent = shortest.IndexOf('E') is >= 0 and var mark ? int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : Math.Abs(value) >= 1e16 ? 16
            : 0;
        if (exponent != 0)
        {
            string digits = Digits(shortest), mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{(value < 0 ? "-" : "")}{mantissa}{Exponent('e', exponent)}";
        }

        return shortest.Contains('.') ? shortest : shortest + ".0";
    }

    /// <summary>
    /// Charges the cost of exact digits before they are computed. The time grows with the number of digits, up to 50 µs for all digits of a number.
    /// </summary>
    public static void ChargeDigits(RenderContext context, long digitCount) => context.Step(Math.Min(digitCount, MaxDigitCount));

    public static string NotFinite(double value) => double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";

    /// <summary>The magnitude with the given number of digits after the point; without a point if this number is 0.</summary>
    public static string Fixed(double magnitude, int digitCount)
    {
        int exactCount = Math.Min(digitCount, MaxDigitCount);
        string digits = Scale(magnitude, exactCount).ToString(CultureInfo.InvariantCulture).PadLeft(exactCount + 1, '0');
        return digitCount == 0 ? digits : $"{digits[..^exactCount]}.{digits[^exactCount..]}{new string('0', digitCount - exactCount)}";
    }

    /// <summary>The magnitude as one digit, the given number of digits after the point, and a power of ten.</summary>
    public static (string Digits, int Exponent) Scientific(double magnitude, int digitCount)
    {
        if (magnitude == 0)
            return (new string('0', digitCount + 1), 0);
        int exactCount = Math.Min(digitCount, MaxDigitCount);
        string estimate = magnitude.ToString("E16", CultureInfo.InvariantCulture);
        int exponent = int.Parse(estimate.AsSpan(estimate.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

        // The estimate that gives the exponent is rounded, and so are the digits. Either of them may have been rounded up to the next power of ten.
        string digits = Scale(magnitude, exactCount - exponent).ToString(CultureInfo.InvariantCulture);
        if (digits.Length <= exactCount)
            digits = Scale(magnitude, exactCount - --exponent).ToString(CultureInfo.InvariantCulture);
        else if (digits.Length > exactCount + 1)
            digits = Scale(magnitude, exactCount - ++exponent).ToString(CultureInfo.InvariantCulture);
        return (digits + new string('0', digitCount - exactCount), exponent);
    }

    /// <summary>The exponent as it is written after digits: a sign and at least two digits.</summary>
    public static string Exponent(char letter, int exponent) =>
        string.Create(CultureInfo.InvariantCulture, $"{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");

    /// <summary>Python's <c>round</c>: rounds to the given number of digits after the point, or before it if that number is negative.</summary>
    public static double Round(double value, int digitCount)
    {
        if (!double.IsFinite(value) || digitCount > 340)
            return value;
        if (digitCount < -310)
            return Math.CopySign(0, value);
        string digits = string.Create(CultureInfo.InvariantCulture, $"{Scale(Math.Abs(value), digitCount)}E{-digitCount}");
        return Math.CopySign(double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture), value);
    }

    // The magnitude times a power of ten, rounded half to even. The magnitude is a whole number times a power of two.
    private static BigInteger Scale(double magnitude, int power)
    {
        long bits = BitConverter.DoubleToInt64Bits(magnitude);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = exponent == 0 ? bits & 0xFFFFFFFFFFFFF : (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000, denominator = BigInteger.One;
        exponent = Math.Max(exponent, 1) - 1075;
        if (exponent >= 0)
            numerator <<= exponent;
        else
            denominator <<= -exponent;
        if (power >= 0)
            numerator *= BigInteger.Pow(10, power);
        else
            denominator *= BigInteger.Pow(10, -power);

        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger remainder);
        int half = (remainder << 1).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static string Digits(string number)
    {
        string mantissa = number.Split('E')[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal);
        string digits = mantissa.TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
    }
}
