using System.Buffers;
using System.Globalization;
using System.Numerics;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>Filters of numbers.</summary>
internal static class NumberFilters
{
    private const string SizePrefixes = "kMGTPEZY";

    // The number of steps that are charged for rounding a number in exact arithmetic, or for formatting a number as a size.
    private const int RoundStepCount = 48;

    private static readonly SearchValues<char> s_numeral = SearchValues.Create("0123456789+-.eE");

    public static TemplateValue Absolute(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "abs", 0);
        TemplateValue number = RequireNumber(context, value, "abs");
        return number is DoubleValue real ? new DoubleValue(Math.Abs(real.Value), real.IsData) : IntegerValue.Of(BigInteger.Abs(Numbers.ToInteger(number)), Numbers.IsData(number));
    }

    public static TemplateValue Sum(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "sum", 0, "attribute", "start");
        var attribute = AttributePath.Parse(context, bound[0]);
        TemplateValue sum = bound[1] ?? IntegerValue.Of(0);
        if (sum is TextValue)
            throw context.Fault("sum begins with a text", "it adds only numbers or lists", "use join for texts");
        foreach (TemplateValue item in Iteration.Enumerate(context, value))
            sum = Arithmetic.Apply(context, Operator.Add, sum, attribute.Of(context, item));
        return sum;
    }

    /// <summary>Python's <c>int</c>, with a default for values that are not numbers.</summary>
    public static TemplateValue ToInteger(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "int", 0, "default", "base");
        long numberBase = Numbers.Require(context, bound[1], "int's base", 10);
        switch (value)
        {
            case UndefinedValue undefined:
                throw context.Fault(undefined.Reason);
            case IntegerValue:
                return value;
            case BooleanValue:
                return IntegerValue.Of(Numbers.ToInteger(value));
            case DoubleValue number:
                if (double.IsInfinity(number.Value))
                    throw context.Fault("an infinite number is converted to an integer", "whole numbers are finite");
                return double.IsNaN(number.Value) ? bound[0] ?? IntegerValue.Of(0) : IntegerValue.Of(new BigInteger(number.Value), number.IsData);
            case TextValue text:
                if ((numberBase == 0 || numberBase is >= 2 and <= 36) && IntegerText.Parse(context, text.Text, (int)numberBase) is BigInteger integer)
                    return IntegerValue.Of(integer, text.HasData);
                if (ParseDouble(context, text.Text) is double real && double.IsFinite(real))
                    return IntegerValue.Of(new BigInteger(real), text.HasData);
                break;
        }

        return bound[0] ?? IntegerValue.Of(0);
    }

    /// <summary>Python's <c>float</c>, with a default for values that are not numbers.</summary>
    public static TemplateValue ToDouble(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "float", 0, "default");
        return value switch
        {
            UndefinedValue undefined => throw context.Fault(undefined.Reason),
            DoubleValue => value,
            TextValue text when ParseDouble(context, text.Text) is double number => new DoubleValue(number, text.HasData),
            _ when Numbers.IsNumber(value) => new DoubleValue(Numbers.ToDouble(context, value), Numbers.IsData(value)),
            _ => bound[0] ?? new DoubleValue(0),
        };
    }

    /// <summary>jinja2's <c>round</c>: rounds to the nearest value (halves to even digits), always up, or always down.</summary>
    public static TemplateValue Round(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "round", 0, "precision", "method");
        string method = bound[1] is null ? "common" : PythonText.Require(context, bound[1], "round's method").Text;
        if (method is not ("common" or "ceil" or "floor"))
            throw context.Fault($"round's method is '{method}'", "it must be common, ceil or floor");
        TemplateValue number = RequireNumber(context, value, "round");
        context.Step(RoundStepCount);
        if (method == "common" && bound[0] is NoneValue)
            return number is DoubleValue real ? IntegerValue.Of(new BigInteger(DoubleText.Round(RequireFinite(context, real.Value), 0)), real.IsData) : Whole(number);
        long precision = Numbers.Require(context, bound[0], "round's precision", 0);
        if (method == "common")
        {
            return number is DoubleValue rounded
                ? new DoubleValue(DoubleText.Round(rounded.Value, (int)Math.Clamp(precision, -400, 400)), rounded.IsData)
                : precision >= 0 ? Whole(number) : RoundWhole(context, number, -precision);
        }

        if (precision is < -300 or > 300)
            throw context.Fault($"round's precision is {precision}", "it must be from -300 to 300");
        double factor = Math.Pow(10, precision), scaled = RequireFinite(context, Numbers.ToDouble(context, number) * factor);
        // Python's ceil and floor return integers, which have no negative zero.
        return new DoubleValue(((method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) + 0.0) / factor, Numbers.IsData(number));
    }

    /// <summary>Writes a number of bytes in a readable unit, such as 1.5 MB.</summary>
    public static TemplateValue FormatFileSize(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        bool isBinary = arguments.Bind(context, "filesizeformat", 0, "binary")[0]?.IsTrue ?? false;
        bool isData = Numbers.IsData(value) || value is TextValue { HasData: true };
        context.Step(RoundStepCount);
        double size = value is TextValue text && ParseDouble(context, text.Text) is double parsed ? parsed : Numbers.ToDouble(context, RequireNumber(context, value, "filesizeformat"));
        string written = size == 1 ? "1 Byte"
            : size < (isBinary ? 1024 : 1000) ? $"{IntegerText.Of(context, new BigInteger(RequireFinite(context, size)))} Bytes"
            : WriteSize(size, isBinary);
        return isData ? TextValue.OfData(written) : TextValue.Own(written);
    }

    /// <summary>Reads a number as Python's <c>float</c> does. Returns null if the text is not a number.</summary>
    public static double? ParseDouble(RenderContext context, string text)
    {
        // The text is copied several times, and its digits are read one by one.
        context.ChargeCharacters(8L * text.Length);
        string digits = PythonSpace.Trim(text).ToString();
        if (digits.Contains('_'))
        {
            // An underscore is allowed only between two digits.
            for (int i = digits.IndexOf('_'); i >= 0; i = digits.IndexOf('_', i + 1))
            {
                if (i == 0 || i == digits.Length - 1 || !char.IsAsciiDigit(digits[i - 1]) || !char.IsAsciiDigit(digits[i + 1]))
                    return null;
            }

            digits = digits.Replace("_", "", StringComparison.Ordinal);
        }

        string word = digits.TrimStart('+', '-').ToLowerInvariant();
        if (word is "inf" or "infinity" or "nan" && digits.Length <= word.Length + 1)
            return word == "nan" ? double.NaN : digits[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return digits.AsSpan().ContainsAnyExcept(s_numeral) || !double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? null : number;
    }

    private static string WriteSize(double size, bool isBinary)
    {
        double unit = isBinary ? 1024 : 1000, limit = unit * unit;
        int index = 0;
        for (; size >= limit && index < SizePrefixes.Length - 1; index++)
            limit *= unit;
        string letter = isBinary ? char.ToUpperInvariant(SizePrefixes[index]) + "i" : SizePrefixes[index].ToString();
        double scaled = unit * size / limit;
        return $"{(double.IsFinite(scaled) ? DoubleText.Fixed(scaled, 1) : DoubleText.NotFinite(scaled))} {letter}B";
    }

    private static TemplateValue RequireNumber(RenderContext context, TemplateValue value, string filter) =>
        Numbers.IsNumber(value) ? value
        : throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"{filter} is given {value.TypeName}", "it takes a number");

    private static double RequireFinite(RenderContext context, double value) =>
        double.IsFinite(value) ? value : throw context.Fault("a number that is not finite is converted to an integer", "whole numbers are finite");

    private static IntegerValue Whole(TemplateValue number) => IntegerValue.Of(Numbers.ToInteger(number), Numbers.IsData(number));

    private static IntegerValue RoundWhole(RenderContext context, TemplateValue number, long digitCount)
    {
        BigInteger value = Numbers.ToInteger(number);
        // If digitCount exceeds the limit below, the value is less than half of the unit 10^digitCount, because the unit has more than 3 bits per digit.
        if (digitCount > (value.GetBitLength() / 3) + 1)
            return IntegerValue.Of(0, Numbers.IsData(number));
        context.ChargeProduct(4 * digitCount, 4 * digitCount);
        BigInteger unit = BigInteger.Pow(10, (int)digitCount), quotient = BigInteger.DivRem(value, unit, out BigInteger remainder);
        int half = (BigInteger.Abs(remainder) << 1).CompareTo(unit);
        if (half > 0 || (half == 0 && !quotient.IsEven))
            quotient += value.Sign;
        return IntegerValue.Of(quotient * unit, Numbers.IsData(number));
    }
}
