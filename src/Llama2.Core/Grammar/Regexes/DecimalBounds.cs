using System.Globalization;

namespace Llama2.Grammar.Regexes;

/// <summary>
/// Regular expressions for decimal numbers without a sign that are above or below a bound. Numbers are compared by their digits. If one integer part
/// has more digits than the other, its number is the larger one. If both have equally many digits, the first place at which the digits differ
/// decides. The digits after the point are compared from left to right.
/// </summary>
/// <param name="factory">Creates the expressions.</param>
/// <param name="hasFraction">Whether the numbers may have digits after the point.</param>
internal sealed class DecimalBounds(RegexFactory factory, bool hasFraction)
{
    private RegexNode Digits => factory.Repeat(Digit(0, 9), 0, int.MaxValue);

    private RegexNode Point => factory.Literal("."u8);

    private RegexNode AnyFraction => hasFraction ? factory.Optional(factory.Sequence(Point, factory.Repeat(Digit(0, 9), 1, int.MaxValue))) : factory.Empty;

    // A point, followed by digits of which at least one is not 0.
    private RegexNode SomeFraction => hasFraction ? factory.Sequence(Point, SomeDigits) : factory.Nothing;

    private RegexNode SomeDigits => factory.Sequence(Digits, Digit(1, 9), Digits);

    private RegexNode Zeros => factory.Repeat(Digit(0, 0), 0, int.MaxValue);

    /// <summary>Every number.</summary>
    public RegexNode Any => factory.Sequence(factory.Either(Digit(0, 0), Longer(0)), AnyFraction);

    /// <summary>The numbers from a bound upwards.</summary>
    /// <param name="bound">The bound, 0 or more.</param>
    /// <param name="isExclusive">Whether the bound itself is left out.</param>
    public RegexNode AtLeast(ExactDecimal bound, bool isExclusive)
    {
        (string integer, string fraction) = Split(bound);
        return factory.Either(
            factory.Sequence(Longer(integer.Length), AnyFraction),
            Compare(integer, isAbove: true, AnyFraction, AtLeastFraction(fraction, isExclusive)));
    }

    /// <summary>The numbers from 0 to a bound.</summary>
    /// <param name="bound">The bound, 0 or more.</param>
    /// <param name="isExclusive">Whether the bound itself is left out.</param>
    public RegexNode AtMost(ExactDecimal bound, bool isExclusive)
    {
        (string integer, string fraction) = Split(bound);
        RegexNode shorter = integer.Length == 1
            ? factory.Nothing
            : factory.Either(Digit(0, 0), factory.Sequence(Digit(1, 9), factory.Repeat(Digit(0, 9), 0, integer.Length - 2)));
        return factory.Either(
            factory.Sequence(shorter, AnyFraction), Compare(integer, isAbove: false, AnyFraction, AtMostFraction(fraction, isExclusive)));
    }

    private static (string Integer, string Fraction) Split(ExactDecimal bound)
    {
        string digits = bound.Mantissa.ToString(CultureInfo.InvariantCulture).PadLeft(bound.Scale + 1, '0');
        return (digits[..^bound.Scale], digits[^bound.Scale..]);
    }

    private RegexNode Digit(int first, int last) => factory.Bytes(ByteSet.Range('0' + first, '0' + last));

    // Integers with more than the given number of digits.
    private RegexNode Longer(int length) => factory.Sequence(Digit(1, 9), factory.Repeat(Digit(0, 9), length, int.MaxValue));

    // Numbers whose integer part has as many digits as the bound's integer part. If the integer part is above the bound's integer part (or below it,
    // if isAbove is false), the number ends with any fraction. If both integer parts are equal, the number ends with the fraction that is given for this case.
    private RegexNode Compare(string integer, bool isAbove, RegexNode any, RegexNode same)
    {
        RegexNode node = same;
        for (int i = integer.Length - 1; i >= 0; i--)
        {
            int digit = integer[i] - '0', lowest = i == 0 && integer.Length > 1 ? 1 : 0;
            RegexNode other = isAbove ? Digit(digit + 1, 9) : Digit(lowest, digit - 1);
            RegexNode rest = factory.Repeat(Digit(0, 9), integer.Length - 1 - i, integer.Length - 1 - i);
            node = factory.Either(factory.Sequence(other, rest, any), factory.Sequence(Digit(digit, digit), node));
        }

        return node;
    }

    private RegexNode AtLeastFraction(string fraction, bool isExclusive)
    {
        if (fraction.Length == 0)
            return isExclusive ? SomeFraction : AnyFraction;
        if (!hasFraction)
            return factory.Nothing;
        RegexNode node = isExclusive ? SomeDigits : Digits;
        for (int i = fraction.Length - 1; i >= 0; i--)
        {
            int digit = fraction[i] - '0';
            node = factory.Either(factory.Sequence(Digit(digit + 1, 9), Digits), factory.Sequence(Digit(digit, digit), node));
        }

        return factory.Sequence(Point, node);
    }

    private RegexNode AtMostFraction(string fraction, bool isExclusive)
    {
        if (!hasFraction)
            return fraction.Length > 0 || !isExclusive ? factory.Empty : factory.Nothing;
        if (fraction.Length == 0)
            return isExclusive ? factory.Nothing : factory.Optional(factory.Sequence(Point, Digit(0, 0), Zeros));

        // A fraction that ends earlier than the bound's fraction is below it, because the last digit of the bound's fraction is not 0.
        RegexNode node = isExclusive ? factory.Nothing : Zeros;
        for (int i = fraction.Length - 1; i >= 0; i--)
        {
            int digit = fraction[i] - '0';
            node = factory.Either(factory.Sequence(Digit(0, digit - 1), Digits), factory.Sequence(Digit(digit, digit), node));
            if (i > 0)
                node = factory.Optional(node);
        }

        return factory.Optional(factory.Sequence(Point, node));
    }
}
