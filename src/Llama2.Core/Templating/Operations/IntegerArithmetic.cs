using System.Numerics;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Integer arithmetic. The cost of each operation is charged in advance, according to the number of bits.</summary>
internal static class IntegerArithmetic
{
    // The number of bits of a quotient before it is rounded to the 53 bits of a double.
    private const int QuotientBitCount = 66;

    public static TemplateValue Apply(RenderContext context, Operator symbol, BigInteger left, BigInteger right, bool isData)
    {
        long leftBitCount = BitCount(left), rightBitCount = BitCount(right);
        switch (symbol)
        {
            case Operator.Add or Operator.Subtract:
                context.ChargeInteger(Math.Max(leftBitCount, rightBitCount) + 1);
                return IntegerValue.Of(symbol == Operator.Add ? left + right : left - right, isData);
            case Operator.Multiply:
                context.ChargeInteger(leftBitCount + rightBitCount);
                context.ChargeProduct(leftBitCount, rightBitCount);
                return IntegerValue.Of(left * right, isData);
            case Operator.Power when right.Sign >= 0:
                return IntegerValue.Of(Power(context, left, right), isData);
            case Operator.Power:
                return new DoubleValue(DoubleArithmetic.Apply(context, symbol, Numbers.ToDouble(context, left), Numbers.ToDouble(context, right)), isData);
        }

        if (right.IsZero)
            throw context.Fault("a division by zero");
        context.ChargeProduct(leftBitCount, rightBitCount);
        if (symbol == Operator.Divide)
            return new DoubleValue(Divide(context, left, right), isData);
        BigInteger quotient = BigInteger.DivRem(left, right, out BigInteger remainder);
        bool isRoundedUp = !remainder.IsZero && (remainder.Sign < 0) != (right.Sign < 0);
        return IntegerValue.Of(symbol == Operator.FloorDivide ? quotient - (isRoundedUp ? 1 : 0) : remainder + (isRoundedUp ? right : 0), isData);
    }

    private static long BitCount(BigInteger value) => BigInteger.Abs(value).GetBitLength();

    private static BigInteger Power(RenderContext context, BigInteger value, BigInteger exponent)
    {
        // 0, 1 and -1 are the only bases whose powers stay small if the exponent is large.
        if (value.IsZero || value.IsOne || value == BigInteger.MinusOne)
            return exponent.IsZero ? BigInteger.One : value == BigInteger.MinusOne && exponent.IsEven ? BigInteger.One : value;
        BigInteger bitCount = BitCount(value) * exponent;
        context.ChargeInteger((long)BigInteger.Min(bitCount, long.MaxValue));
        context.ChargeProduct((long)bitCount, (long)bitCount);
        return BigInteger.Pow(value, (int)exponent);
    }

    // The double that is nearest to the quotient, however long the numbers are. The code computes a quotient with enough bits, and sets its last bit if there
    // is a remainder. Rounding this quotient to the nearest double then has the same result as rounding the exact quotient.
    private static double Divide(RenderContext context, BigInteger left, BigInteger right)
    {
        if (BitCount(left) <= 53 && BitCount(right) <= 53)
            return left.IsZero ? 0 : (double)left / (double)right;
        int shift = (int)Math.Max(0, QuotientBitCount + BitCount(right) - BitCount(left));
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(left) << shift, BigInteger.Abs(right), out BigInteger remainder);
        if (!remainder.IsZero)
            quotient |= BigInteger.One;
        double result = Math.ScaleB(Numbers.ToDouble(quotient), -shift);
        if (double.IsInfinity(result))
            throw context.Fault("the result of '/' is too large", "floats go up to 1.8e308");
        return left.Sign * right.Sign < 0 ? -result : result;
    }
}
