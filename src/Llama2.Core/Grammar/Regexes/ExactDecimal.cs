using System.Globalization;
using System.Numerics;

namespace Llama2.Grammar.Regexes;

/// <summary>A decimal number without rounding: <c>Mantissa · 10^-Scale</c>, where the scale is the smallest possible number that is not negative.</summary>
internal readonly record struct ExactDecimal
{
    /// <summary>The maximum number of characters of a number, and the maximum absolute value of its exponent.</summary>
    public const int MaxDigitCount = 400;

    public ExactDecimal(BigInteger mantissa, int scale)
    {
        while (scale > 0 && (mantissa % 10).IsZero)
        {
            mantissa /= 10;
            scale--;
        }

        Mantissa = mantissa;
        Scale = scale;
    }

    public BigInteger Mantissa { get; }

    public int Scale { get; }

    public static ExactDecimal operator -(ExactDecimal value) => new(-value.Mantissa, value.Scale);

    public static bool operator <(ExactDecimal left, ExactDecimal right) => left.Compare(right) < 0;

    public static bool operator >(ExactDecimal left, ExactDecimal right) => left.Compare(right) > 0;

    /// <summary>Reads a number as JSON and .NET write it, such as <c>-1.5e3</c>.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    /// <exception cref="GrammarLimitException">The number has too many digits, or its exponent is too large.</exception>
    public static ExactDecimal Parse(string text)
    {
        GrammarLimitException.ThrowIfAbove(text.Length, MaxDigitCount, "digits in a number");
        int end = text.AsSpan().IndexOfAny('e', 'E');
        BigInteger power = end < 0 ? 0 : BigInteger.Parse(text.AsSpan(end + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        GrammarLimitException.ThrowIfAbove(BigInteger.Abs(power) > MaxDigitCount ? long.MaxValue : 0, MaxDigitCount, "zeros in a number");
        int exponent = (int)power;
        string digits = end < 0 ? text : text[..end];
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        int scale = (point < 0 ? 0 : digits.Length - point - 1) - exponent;
        var mantissa = BigInteger.Parse(point < 0 ? digits : digits.Remove(point, 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return scale >= 0 ? new ExactDecimal(mantissa, scale) : new ExactDecimal(mantissa * BigInteger.Pow(10, -scale), 0);
    }

    /// <summary>Whether this number is an integer multiple of another number, which must not be 0.</summary>
    public bool IsMultipleOf(ExactDecimal other)
    {
        int scale = Math.Max(Scale, other.Scale);
        return (Mantissa * BigInteger.Pow(10, scale - Scale) % (other.Mantissa * BigInteger.Pow(10, scale - other.Scale))).IsZero;
    }

    private int Compare(ExactDecimal other)
    {
        int scale = Math.Max(Scale, other.Scale);
        return (Mantissa * BigInteger.Pow(10, scale - Scale)).CompareTo(other.Mantissa * BigInteger.Pow(10, scale - other.Scale));
    }
}
