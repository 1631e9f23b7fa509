namespace Llama2.Templating;

/// <summary>Arithmetic on values, as in Python but for whole numbers, which have 64 bits.</summary>
internal static class Arithmetic
{
    public static TemplateValue Apply(RenderContext context, Operator symbol, TemplateValue left, TemplateValue right)
    {
        if (Numbers.IsInteger(left) && Numbers.IsInteger(right))
            return ApplyToIntegers(context, symbol, Numbers.ToInteger(left), Numbers.ToInteger(right));
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
            return ApplyToDoubles(context, symbol, Numbers.ToDouble(left), Numbers.ToDouble(right));
        return (symbol, left, right) switch
        {
            (_, UndefinedValue undefined, _) => throw context.Fault(undefined.Reason),
            (_, _, UndefinedValue undefined) => throw context.Fault(undefined.Reason),
            (Operator.Add, TextValue first, TextValue second) => TextValue.Concatenate(context, [first, second]),
            (Operator.Add, ListValue first, ListValue second) when first.IsTuple == second.IsTuple => Concatenate(context, first, second),
            (Operator.Multiply, TextValue or ListValue, _) when Numbers.IsInteger(right) => Repeat(context, left, Numbers.ToInteger(right)),
            (Operator.Multiply, _, TextValue or ListValue) when Numbers.IsInteger(left) => Repeat(context, right, Numbers.ToInteger(left)),
            _ => throw context.Fault($"'{Symbol(symbol)}' between {left.TypeName} and {right.TypeName}", "it is not defined for these types"),
        };
    }

    public static TemplateValue Negate(RenderContext context, TemplateValue value, bool isNegative) => value switch
    {
        UndefinedValue undefined => throw context.Fault(undefined.Reason),
        DoubleValue number => new DoubleValue(isNegative ? -number.Value : number.Value),
        _ when Numbers.IsInteger(value) => ApplyToIntegers(context, isNegative ? Operator.Subtract : Operator.Add, 0, Numbers.ToInteger(value)),
        _ => throw context.Fault($"a sign before a value of type {value.TypeName}", "it must be a number"),
    };

    private static TemplateValue ApplyToIntegers(RenderContext context, Operator symbol, long left, long right)
    {
        try
        {
            return symbol switch
            {
                Operator.Add => IntegerValue.Of(checked(left + right)),
                Operator.Subtract => IntegerValue.Of(checked(left - right)),
                Operator.Multiply => IntegerValue.Of(checked(left * right)),
                Operator.Power when right >= 0 => IntegerValue.Of(Power(left, right)),
                Operator.Divide or Operator.Power => ApplyToDoubles(context, symbol, left, right),
                _ when right == 0 => throw DivisionByZero(context),
                Operator.FloorDivide => IntegerValue.Of(checked(left / right) - (left % right != 0 && (left < 0) != (right < 0) ? 1 : 0)),
                // -1 stands apart: the processor divides, and the quotient of the least number overflows.
                _ => IntegerValue.Of(right == -1 ? 0 : ((left % right) + right) % right),
            };
        }
        catch (OverflowException)
        {
            throw context.Fault($"the result of '{Symbol(symbol)}' is too large", "whole numbers have 64 bits");
        }
    }

    private static DoubleValue ApplyToDoubles(RenderContext context, Operator symbol, double left, double right)
    {
        if (right == 0 && symbol is (Operator.Divide or Operator.FloorDivide or Operator.Modulo))
            throw DivisionByZero(context);
        double result = symbol switch
        {
            Operator.Add => left + right,
            Operator.Subtract => left - right,
            Operator.Multiply => left * right,
            Operator.Divide => left / right,
            Operator.FloorDivide => Math.Floor(left / right),
            Operator.Modulo => left - (right * Math.Floor(left / right)),
            _ => Math.Pow(left, right),
        };
        return double.IsFinite(result) ? new DoubleValue(result) : throw context.Fault($"the result of '{Symbol(symbol)}' is no finite number");
    }

    private static long Power(long value, long exponent)
    {
        // Of these alone a power above 63 has 64 bits; all others overflow before the loop is long.
        if (value is 0 or 1 or -1)
            return exponent == 0 ? 1 : value == -1 && exponent % 2 == 0 ? 1 : value;
        long result = 1;
        for (long i = 0; i < exponent; i++)
            result = checked(result * value);
        return result;
    }

    private static TemplateValue Concatenate(RenderContext context, ListValue first, ListValue second)
    {
        context.Step((long)first.Count + second.Count);
        return context.Nest(new ListValue([.. first.Items, .. second.Items], first.IsTuple));
    }

    private static TemplateValue Repeat(RenderContext context, TemplateValue value, long count)
    {
        count = Math.Max(count, 0);
        if (value is ListValue list)
        {
            // Any count beyond 32 bits is beyond every limit.
            count = list.Count == 0 ? 0 : Math.Min(count, int.MaxValue);
            context.Step(list.Count * count);
            var items = new TemplateValue[list.Count * count];
            for (int start = 0; start < items.Length; start += list.Count)
                list.Items.CopyTo(items.AsSpan(start));
            return new ListValue(items, list.IsTuple);
        }

        return ((TextValue)value).Repeat(context, count);
    }

    private static PromptTemplateException DivisionByZero(RenderContext context) => context.Fault("a division by zero");

    private static string Symbol(Operator symbol) => symbol switch
    {
        Operator.Add => "+",
        Operator.Subtract => "-",
        Operator.Multiply => "*",
        Operator.Divide => "/",
        Operator.FloorDivide => "//",
        Operator.Modulo => "%",
        _ => "**",
    };
}
