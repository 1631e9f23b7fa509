using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Reads JSON of a conversation as values; every string and number in it is data.</summary>
internal static class JsonValue
{
    /// <exception cref="PromptTemplateException">The JSON is nested too deep, has too many values, or has a number with too many digits.</exception>
    public static TemplateValue Read(JsonElement element) => Read(element, depth: 0, new Budget());

    private static TemplateValue Read(JsonElement element, int depth, Budget budget)
    {
        if (--budget.ValueCount < 0)
            throw new PromptTemplateException(null, null, "the conversation's JSON has too many values", $"at most {TemplateLimits.MaxJsonValueCount} are allowed");
        if (depth > TemplateLimits.MaxDepth)
            throw new PromptTemplateException(null, null, "the conversation's JSON is nested too deep", $"at most {TemplateLimits.MaxDepth} levels are allowed");
        return element.ValueKind switch
        {
            JsonValueKind.Object => new DictionaryValue(element.EnumerateObject().Select(
                member => KeyValuePair.Create<TemplateValue, TemplateValue>(TextValue.OfData(Name(member)), Read(member.Value, depth + 1, budget)))),
            JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(item => Read(item, depth + 1, budget))]),
            JsonValueKind.String => TextValue.OfData(Text(element)),
            JsonValueKind.Number => Number(element),
            JsonValueKind.True => BooleanValue.Of(true),
            JsonValueKind.False => BooleanValue.Of(false),
            _ => NoneValue.Instance,
        };
    }

    // As in Python's json module: digits alone are an integer of any size; any other number is a float, which is infinite if the number is beyond the
    // range of floats.
    private static TemplateValue Number(JsonElement element)
    {
        string digits = element.GetRawText();
        if (digits.AsSpan().ContainsAny('.', 'e', 'E'))
            return new DoubleValue(double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture), isData: true);
        return digits.Length <= TemplateLimits.MaxDigitCount
            ? IntegerValue.Of(BigInteger.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), isData: true)
            : throw new PromptTemplateException(
                null, null, $"the conversation has a number of {digits.Length} digits", $"at most {TemplateLimits.MaxDigitCount} are allowed", "pass it as a string");
    }

    private static string Text(JsonElement element) => Whole(element, static element => element.GetString()!);

    private static string Name(JsonProperty member) => Whole(member, static member => member.Name);

    private static string Whole<T>(T source, Func<T, string> read)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half of a surrogate pair (RFC 8259 §8.2), which is not valid text.
            throw new PromptTemplateException(null, null, "a string of the conversation has half of a surrogate pair", "strings must consist of whole characters");
        }
    }

    // The number of values that may still be read. It is limited because each value takes up to about 200 bytes, much more than a short value takes
    // in a file.
    private sealed class Budget
    {
        public int ValueCount { get; set; } = TemplateLimits.MaxJsonValueCount;
    }
}
