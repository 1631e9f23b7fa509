using System.Globalization;

namespace Llama2.Templating;

/// <summary>Filters of numbers.</summary>
internal static class NumberFilters
{
    public static TemplateValue Absolute(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "abs");
        return IsNegative(context, value) ? Arithmetic.Negate(context, value, isNegative: true) : value;
    }

    public static TemplateValue Sum(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "sum", "attribute", "start");
        TemplateValue sum = bound[1] ?? IntegerValue.Of(0);
        foreach (TemplateValue item in Iteration.Items(context, value))
        {
            context.Step();
            sum = Arithmetic.Apply(context, Operator.Add, sum, SortingFilters.Key(context, item, bound[0]));
        }

        return sum;
    }

    /// <summary>Python's <c>int</c>, and a default for what is no number.</summary>
    public static TemplateValue ToInteger(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "int", "default", "base");
        if (Numbers.Require(context, bound[1], "int's base", 10) != 10)
            throw context.Fault("int's base is not 10", "numbers are decimal");
        return value switch
        {
            IntegerValue => value,
            BooleanValue boolean => IntegerValue.Of(boolean.Value ? 1 : 0),
            DoubleValue number when Math.Abs(number.Value) < 9.2e18 => IntegerValue.Of((long)number.Value),
            TextValue text when Parse(context, text.Text) is double number && Math.Abs(number) < 9.2e18 => IntegerValue.Of(
                long.TryParse(text.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long integer) ? integer : (long)number),
            _ => bound[0] ?? IntegerValue.Of(0),
        };
    }

    /// <summary>Python's <c>float</c>, and a default for what is no number.</summary>
    public static TemplateValue ToDouble(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "float", "default");
        return value switch
        {
            TextValue text when Parse(context, text.Text) is double number => new DoubleValue(number),
            _ when Numbers.IsNumber(value) => new DoubleValue(Numbers.ToDouble(value)),
            _ => bound[0] ?? new DoubleValue(0),
        };
    }

    /// <summary>jinja2's <c>round</c>: halves to even digits, or always up or down.</summary>
    public static TemplateValue Round(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "round", "precision", "method");
        long precision = Numbers.Require(context, bound[0], "round's precision", 0);
        string method = bound[1] is null ? "common" : PythonText.Require(context, bound[1], "round's method").Text;
        if (precision is < 0 or > 15)
            throw context.Fault($"round's precision is {precision}", "it is from 0 to 15");
        IsNegative(context, value);
        if (method == "common" && Numbers.IsInteger(value))
            return IntegerValue.Of(Numbers.ToInteger(value));
        double number = Numbers.ToDouble(value), factor = Math.Pow(10, precision);
        return new DoubleValue(method switch
        {
            "common" => Math.Round(number, (int)precision, MidpointRounding.ToEven),
            "ceil" => Math.Ceiling(number * factor) / factor,
            "floor" => Math.Floor(number * factor) / factor,
            _ => throw context.Fault($"round's method is '{method}'", "it is common, ceil or floor"),
        });
    }

    private static bool IsNegative(RenderContext context, TemplateValue value) =>
        Numbers.IsNumber(value) ? Numbers.ToDouble(value) < 0
        : throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"a filter of numbers is given {value.TypeName}");

    private static double? Parse(RenderContext context, string text)
    {
        context.ChargeScan(text.Length);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
    }
}
