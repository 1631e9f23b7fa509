using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Arithmetic of double precision, as in Python.</summary>
internal static class DoubleArithmetic
{
    public static double Apply(RenderContext context, Operator symbol, double left, double right)
    {
        if (right == 0 && symbol is (Operator.Divide or Operator.FloorDivide or Operator.Modulo))
            throw context.Fault("a division by zero");
        return symbol switch
        {
            Operator.Add => left + right,
            Operator.Subtract => left - right,
            Operator.Multiply => left * right,
            Operator.Divide => left / right,
            Operator.FloorDivide => FloorDivide(left, right),
            Operator.Modulo => Modulo(left, right),
            _ => Power(context, left, right),
        };
    }

    // The operations are in CPython's order (float_divmod), so that the results are the same, bit for bit.
    private static double FloorDivide(double left, double right)
    {
        double remainder = left % right, quotient = (left - remainder) / right;
        if (remainder != 0 && (right < 0) != (remainder < 0))
            quotient -= 1;
        if (quotient == 0)
            return Math.CopySign(0, left / right);
        double floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double Modulo(double left, double right)
    {
        double remainder = left % right;
        if (remainder == 0)
            return Math.CopySign(0, right);
        return (right < 0) != (remainder < 0) ? remainder + right : remainder;
    }

    private static double Power(RenderContext context, double left, double right)
    {
        if (left == 0 && right < 0)
            throw context.Fault("zero is raised to a negative power");
        if (left < 0 && double.IsFinite(left) && double.IsFinite(right) && !Numbers.IsWhole(right))
            throw context.Fault("a negative number is raised to a power that is not whole", "complex numbers are not supported");
        double result = Math.Pow(left, right);
        return double.IsInfinity(result) && double.IsFinite(left) && double.IsFinite(right)
            ? throw context.Fault("the result of '**' is too large", "floats go up to 1.8e308")
            : result;
    }
}
