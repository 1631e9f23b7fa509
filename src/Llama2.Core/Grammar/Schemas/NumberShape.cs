using System.Collections.Immutable;
using System.Numerics;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The demands on a value that is a number.</summary>
/// <param name="Text">The expression that the number's text matches.</param>
/// <param name="Minimum">The lowest number; null for none.</param>
/// <param name="Maximum">The highest number; null for none.</param>
/// <param name="Divisor">The divisor of which the number must be a multiple; null for none.</param>
internal sealed record NumberShape(RegexNode Text, NumberBound? Minimum = null, NumberBound? Maximum = null, ExactDecimal? Divisor = null)
{
    /// <summary>Divisors of which the number must not be a multiple.</summary>
    public ImmutableList<ExactDecimal> NonDivisors { get; init; } = [];

    /// <summary>Whether the divisor is a multiple of one of the <see cref="NonDivisors"/>, so that no number meets both demands.</summary>
    public bool HasContradictingDivisors => Divisor is { } divisor && NonDivisors.Exists(divisor.IsMultipleOf);

    /// <summary>Whether the bounds exclude each other.</summary>
    public bool IsEmpty => Minimum is not null && Maximum is not null
        && (Minimum.Value > Maximum.Value || (Minimum.Value == Maximum.Value && (Minimum.IsExclusive || Maximum.IsExclusive)));

    /// <summary>
    /// The expression that matches the texts of the numbers. The types say whether the numbers may be integers and whether they may have fractions.
    /// </summary>
    public RegexNode ToRegex(JsonTypes types, ShapeContext context)
    {
        RegexFactory regexes = context.Regexes;
        if ((types & JsonTypes.Number) == 0)
            return regexes.Nothing;
        RegexNode text = Divisor is { } divisor ? regexes.Both(Text, context.MultiplesOf(divisor)) : Text;
        if ((types & JsonTypes.Number) == JsonTypes.Integer)
        {
            RegexNode integers = Minimum is null && Maximum is null ? context.Numbers.Integer : context.Numbers.IntegerRange(Lowest(Minimum), Highest(Maximum));
            return regexes.Both(integers, text);
        }

        RegexNode numbers = Minimum is null && Maximum is null
            ? context.Numbers.Number
            : context.Numbers.NumberRange(Minimum?.Text, Minimum?.IsExclusive ?? false, Maximum?.Text, Maximum?.IsExclusive ?? false);
        return (types & JsonTypes.Integer) != 0 ? regexes.Both(numbers, text) : regexes.Both(numbers, text, context.PlainFractions);
    }

    private static BigInteger? Lowest(NumberBound? bound)
    {
        if (bound is null)
            return null;
        BigInteger floor = Floor(bound.Value);
        return bound.Value.Scale > 0 || bound.IsExclusive ? floor + 1 : floor;
    }

    private static BigInteger? Highest(NumberBound? bound)
    {
        if (bound is null)
            return null;
        BigInteger floor = Floor(bound.Value);
        return bound.Value.Scale == 0 && bound.IsExclusive ? floor - 1 : floor;
    }

    private static BigInteger Floor(ExactDecimal value)
    {
        BigInteger quotient = BigInteger.DivRem(value.Mantissa, BigInteger.Pow(10, value.Scale), out BigInteger remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }
}
