using System.Numerics;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Arithmetic on values, as in Python.</summary>
internal static class Arithmetic
{
    public static TemplateValue Apply(RenderContext context, Operator symbol, TemplateValue left, TemplateValue right)
    {
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
        {
            bool isData = Numbers.IsData(left) || Numbers.IsData(right);
            return Numbers.IsInteger(left) && Numbers.IsInteger(right)
                ? IntegerArithmetic.Apply(context, symbol, Numbers.ToInteger(left), Numbers.ToInteger(right), isData)
                : new DoubleValue(DoubleArithmetic.Apply(context, symbol, Numbers.ToDouble(context, left), Numbers.ToDouble(context, right)), isData);
        }

        return (symbol, left, right) switch
        {
            (Operator.Modulo, TextValue format, _) => PercentFormat.Apply(context, format, right),
            (_, UndefinedValue undefined, _) => throw context.Fault(undefined.Reason),
            (_, _, UndefinedValue undefined) => throw context.Fault(undefined.Reason),
            (Operator.Add, TextValue first, TextValue second) => HtmlText.Add(context, first, second),
            (Operator.Add, ListValue first, ListValue second) when first.Kind == second.Kind && IsRepeatable(first) => Concatenate(context, first, second),
            (Operator.Multiply, _, _) when IsRepeatable(left) && Numbers.IsInteger(right) => Repeat(context, left, right),
            (Operator.Multiply, _, _) when IsRepeatable(right) && Numbers.IsInteger(left) => Repeat(context, right, left),
            _ => throw context.Fault($"'{Symbol(symbol)}' between {left.TypeName} and {right.TypeName}", "it is not defined for these types"),
        };
    }

    public static TemplateValue Negate(RenderContext context, TemplateValue value, bool isNegative) => value switch
    {
        UndefinedValue undefined => throw context.Fault(undefined.Reason),
        DoubleValue number => isNegative ? new DoubleValue(-number.Value, number.IsData) : number,
        _ when Numbers.IsInteger(value) => IntegerValue.Of(isNegative ? -Numbers.ToInteger(value) : Numbers.ToInteger(value), Numbers.IsData(value)),
        _ => throw context.Fault($"a sign precedes a value of type {value.TypeName}", "the value must be a number"),
    };

    public static string Symbol(Operator symbol) => symbol switch
    {
        Operator.Add => "+",
        Operator.Subtract => "-",
        Operator.Multiply => "*",
        Operator.Divide => "/",
        Operator.FloorDivide => "//",
        Operator.Modulo => "%",
        _ => "**",
    };

    private static bool IsRepeatable(TemplateValue value) => value is TextValue or ListValue { Kind: ListKind.List or ListKind.Tuple };

    private static TemplateValue Concatenate(RenderContext context, ListValue first, ListValue second)
    {
        context.Step((long)first.Count + second.Count);
        return context.Nest(new ListValue([.. first.Items, .. second.Items], first.Kind));
    }

    private static TemplateValue Repeat(RenderContext context, TemplateValue value, TemplateValue times)
    {
        // Any count beyond 32 bits exceeds every limit.
        var count = (long)BigInteger.Clamp(Numbers.ToInteger(times), 0, int.MaxValue);
        if (value is not ListValue list)
            return ((TextValue)value).Repeat(context, count);

        context.Step(list.Count * count);
        var items = new TemplateValue[list.Count * count];
        for (int start = 0; start < items.Length; start += list.Count)
            list.Items.CopyTo(items.AsSpan(start));
        return new ListValue(items, list.Kind);
    }
}
