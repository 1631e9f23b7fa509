namespace Llama2.Templating;

/// <summary>Numbers as Python has them: true and false are 1 and 0.</summary>
internal static class Numbers
{
    public static bool IsInteger(TemplateValue value) => value is IntegerValue or BooleanValue;

    public static bool IsNumber(TemplateValue value) => value is IntegerValue or BooleanValue or DoubleValue;

    /// <summary>The value of an <see cref="IsInteger"/>.</summary>
    public static long ToInteger(TemplateValue value) => value is BooleanValue boolean ? (boolean.Value ? 1 : 0) : ((IntegerValue)value).Value;

    /// <summary>The value of an <see cref="IsNumber"/>.</summary>
    public static double ToDouble(TemplateValue value) => value is DoubleValue number ? number.Value : ToInteger(value);

    /// <summary>A whole number that an argument gives.</summary>
    public static long Require(RenderContext context, TemplateValue? value, string what, long otherwise) =>
        value is null ? otherwise
        : IsInteger(value) ? ToInteger(value)
        : throw context.Fault($"{what} is of type {value.TypeName}", "it must be a whole number");
}
