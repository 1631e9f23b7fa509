using System.Globalization;
using System.Numerics;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Numbers as in Python: true and false are 1 and 0, and integers are compared with floats exactly.</summary>
internal static class Numbers
{
    public static bool IsInteger(TemplateValue value) => value is IntegerValue or BooleanValue;

    public static bool IsNumber(TemplateValue value) => value is IntegerValue or BooleanValue or DoubleValue;

    /// <summary>Whether a number's digits come from the conversation.</summary>
    public static bool IsData(TemplateValue value) => value is IntegerValue { IsData: true } or DoubleValue { IsData: true };

    /// <summary>The integer of a value for which <see cref="IsInteger"/> is true.</summary>
    public static BigInteger ToInteger(TemplateValue value) => value is BooleanValue boolean ? (boolean.Value ? 1 : 0) : ((IntegerValue)value).Value;

    /// <summary>The number of a value for which <see cref="IsNumber"/> is true.</summary>
    /// <exception cref="PromptTemplateException">A whole number is beyond the range of double precision.</exception>
    public static double ToDouble(RenderContext context, TemplateValue value) => value is DoubleValue real ? real.Value : ToDouble(context, ToInteger(value));

    /// <inheritdoc cref="ToDouble(RenderContext, TemplateValue)"/>
    public static double ToDouble(RenderContext context, BigInteger value)
    {
        double number = ToDouble(value);
        return double.IsFinite(number) ? number : throw context.Fault("a whole number is too large for a float", "floats go up to 1.8e308");
    }

    /// <summary>The nearest number of double precision; infinite if the integer is beyond the range of double precision.</summary>
    public static double ToDouble(BigInteger value)
    {
        // For integers of up to 53 bits, the runtime's conversion is exact. It does not round longer integers correctly, so their decimal digits are parsed instead.
        // Numbers of 2^1024 or more are outside the range of double. They are not converted to digits, because the time for this would grow with the
        // square of their length.
        long bitCount = value.GetBitLength();
        return bitCount <= 53 ? (double)value
            : bitCount > 1024 ? (value.Sign < 0 ? double.NegativeInfinity : double.PositiveInfinity)
            : double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    public static bool IsWhole(double value) => double.IsFinite(value) && Math.Truncate(value) == value;

    /// <summary>The value of an integral number of any type.</summary>
    public static BigInteger ToWhole(TemplateValue value) => value is DoubleValue number ? new BigInteger(number.Value) : ToInteger(value);

    public static bool AreEqual(TemplateValue left, TemplateValue right) => (left, right) switch
    {
        (DoubleValue first, DoubleValue second) => first.Value == second.Value,
        (DoubleValue first, _) => IsWhole(first.Value) && ToWhole(first) == ToInteger(right),
        (_, DoubleValue) => AreEqual(right, left),
        _ => ToInteger(left) == ToInteger(right),
    };

    /// <summary>
    /// A negative number if left is less than right, 0 if they are equal, a positive number if left is greater; null if one of them is NaN.
    /// </summary>
    public static int? Compare(TemplateValue left, TemplateValue right)
    {
        if (left is DoubleValue first && right is DoubleValue second)
            return double.IsNaN(first.Value) || double.IsNaN(second.Value) ? null : first.Value.CompareTo(second.Value);
        if (left is DoubleValue)
            return -Compare(right, left);
        if (right is not DoubleValue real)
            return ToInteger(left).CompareTo(ToInteger(right));
        if (!double.IsFinite(real.Value))
            return double.IsNaN(real.Value) ? null : real.Value > 0 ? -1 : 1;
        int order = ToInteger(left).CompareTo(new BigInteger(Math.Floor(real.Value)));
        return order == 0 && !IsWhole(real.Value) ? -1 : order;
    }

    /// <summary>The integer value of an argument, clamped to the range of 64 bits. The ends of this range exceed all limits.</summary>
    public static long Require(RenderContext context, TemplateValue? value, string what, long otherwise) =>
        value is null ? otherwise
        : value is UndefinedValue undefined ? throw context.Fault(undefined.Reason)
        : IsInteger(value) ? (long)BigInteger.Clamp(ToInteger(value), -long.MaxValue, long.MaxValue)
        : throw context.Fault($"{what} is of type {value.TypeName}", "it must be a whole number");
}
