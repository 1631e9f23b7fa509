using System.Globalization;
using System.Text.Json;

namespace Llama2.Templating;

/// <summary>Reads JSON of a conversation as values; every string in it is data.</summary>
internal static class JsonValue
{
    /// <exception cref="PromptTemplateException">It is nested too deep, or a number has more than 64 bits.</exception>
    public static TemplateValue Read(JsonElement element) => Read(element, depth: 0);

    private static TemplateValue Read(JsonElement element, int depth)
    {
        if (depth > TemplateLimits.MaxDepth)
            throw new PromptTemplateException(0, 0, "the conversation's JSON is nested too deep", $"at most {TemplateLimits.MaxDepth} levels are read");
        return element.ValueKind switch
        {
            JsonValueKind.Object => new DictionaryValue(element.EnumerateObject().Select(
                member => KeyValuePair.Create(TextValue.OfData(member.Name), Read(member.Value, depth + 1)))),
            JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(item => Read(item, depth + 1))]),
            JsonValueKind.String => TextValue.OfData(Text(element)),
            JsonValueKind.Number => Number(element),
            JsonValueKind.True => BooleanValue.Of(true),
            JsonValueKind.False => BooleanValue.Of(false),
            _ => NoneValue.Instance,
        };
    }

    private static TemplateValue Number(JsonElement element)
    {
        string digits = element.GetRawText();
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
            return IntegerValue.Of(integer);
        if (digits.AsSpan().ContainsAny('.', 'e', 'E') && element.TryGetDouble(out double number) && double.IsFinite(number))
            return new DoubleValue(number);
        throw new PromptTemplateException(0, 0, $"the conversation has the number {digits[..Math.Min(40, digits.Length)]}", "numbers have 64 bits", "pass it as a string");
    }

    private static string Text(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half of a surrogate pair (RFC 8259 §8.2), which is no text.
            throw new PromptTemplateException(0, 0, "a string of the conversation has half of a surrogate pair", "strings are whole characters");
        }
    }
}
