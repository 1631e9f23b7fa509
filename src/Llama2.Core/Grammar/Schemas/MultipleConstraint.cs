using System.Numerics;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Demands that a number is a multiple of a divisor; if negated, that the number is not a multiple. Two divisors are replaced by their least common multiple,
/// because
/// it has fewer remainders than there are pairs of remainders of the two divisors.
/// </summary>
internal sealed class MultipleConstraint(ExactDecimal divisor, bool isNegated = false) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context)
    {
        NumberShape number = shape.Number;
        if (isNegated)
            number = number with { NonDivisors = number.NonDivisors.Add(divisor), Text = context.Regexes.Both(number.Text, context.PlainNumbersExcept(context.MultiplesOf(divisor))) };
        else if (number.Divisor is not { } other)
            number = number with { Divisor = divisor };
        else if (FindCommonMultiple(divisor, other) is { } common && common.Mantissa <= NumberRegexes.MaxDivisor)
            number = number with { Divisor = common };
        else
            number = number with { Text = context.Regexes.Both(number.Text, context.MultiplesOf(divisor)) };
        return shape with { Number = number, Types = number.HasContradictingDivisors ? shape.Types & ~JsonTypes.Number : shape.Types };
    }

    public override Formula Negate() => Only(JsonTypes.Number, new MultipleConstraint(divisor, !isNegated));

    private static ExactDecimal FindCommonMultiple(ExactDecimal left, ExactDecimal right)
    {
        int scale = Math.Max(left.Scale, right.Scale);
        BigInteger first = left.Mantissa * BigInteger.Pow(10, scale - left.Scale), second = right.Mantissa * BigInteger.Pow(10, scale - right.Scale);
        return new ExactDecimal(first / BigInteger.GreatestCommonDivisor(first, second) * second, scale);
    }
}
