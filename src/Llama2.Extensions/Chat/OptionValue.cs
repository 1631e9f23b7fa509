using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Llama2.Extensions.Chat;

/// <summary>
/// Reads the value of an additional property, which may have any of these types: a number of any type, text, a list or a dictionary, or JSON
/// if options were stored or sent. Numbers are checked, not rounded.
/// </summary>
internal static class OptionValue
{
    /// <summary>A value as one of .NET, or a <see cref="JsonElement"/> where it is JSON of any kind.</summary>
    public static object Normalize(object value) => value is JsonNode node ? JsonElement.Parse(node.ToJsonString()) : value;

    /// <summary>A value where a list may stand: text that is a list in JSON as that list, and all else, other text included, as it is.</summary>
    public static object ReadList(object value) => TryParse(value, '[') ?? value;

    /// <exception cref="FormatException">It is text that is not a number.</exception>
    /// <exception cref="InvalidCastException">It is not a number.</exception>
    public static float ToSingle(object value) => Convert.ToSingle(ToNumber(value), CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">It is text that is no number, or the number is not whole.</exception>
    /// <exception cref="OverflowException">The number is too large, or NaN.</exception>
    /// <exception cref="InvalidCastException">It is no number.</exception>
    public static int ToInt32(object value) => ToNumber(value) switch
    {
        float number => ToInt32((double)number),
        double number => ToInt32(number),
        object number => ToInt32(Convert.ToDecimal(number, CultureInfo.InvariantCulture)),
    };

    /// <exception cref="FormatException">It is text other than true and false.</exception>
    /// <exception cref="InvalidCastException">It is neither true nor false.</exception>
    public static bool ToBoolean(object value) => Unwrap(value) switch
    {
        bool flag => flag,
        string text => bool.Parse(text),
        _ => throw new InvalidCastException(),
    };

    /// <summary>The elements of a list; one value is a list of one. Text may be a list in JSON.</summary>
    public static IEnumerable<object> ToList(object value) => ReadList(value) switch
    {
        JsonElement { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Cast<object>(),
        JsonElement or string => [value],
        IEnumerable list => list.Cast<object>(),
        _ => [value],
    };

    /// <exception cref="InvalidCastException">It is not text.</exception>
    public static string ToText(object value) => Unwrap(value) as string ?? throw new InvalidCastException();

    /// <exception cref="InvalidCastException">An element is not text.</exception>
    public static string[] ToStrings(object value) => [.. ToList(value).Select(ToText)];

    /// <summary>A dictionary, which text may be as an object in JSON.</summary>
    /// <exception cref="InvalidCastException">It is no dictionary, or a value in it is no number.</exception>
    /// <exception cref="FormatException">A key is no token's id.</exception>
    public static Dictionary<int, float> ToBiases(object value)
    {
        Dictionary<int, float> biases = [];
        switch (TryParse(value, '{') ?? value)
        {
            case IEnumerable<KeyValuePair<int, float>> typed:
                return new(typed);
            case JsonElement { ValueKind: JsonValueKind.Object } json:
                foreach (JsonProperty member in json.EnumerateObject())
                    biases[ToInt32(member.Name)] = ToSingle(member.Value);
                return biases;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                    biases[ToInt32(entry.Key)] = ToSingle(entry.Value ?? throw new InvalidCastException());
                return biases;
            case IEnumerable<KeyValuePair<string, object?>> named:
                foreach ((string key, object? bias) in named)
                    biases[ToInt32(key)] = ToSingle(bias ?? throw new InvalidCastException());
                return biases;
            default:
                throw new InvalidCastException();
        }
    }

    /// <summary>What kind of value it is, for errors.</summary>
    public static string Describe(object value) => value is JsonElement json ? $"{nameof(JsonElement)} of the kind {json.ValueKind}" : value.GetType().Name;

    // The JSON that a text is if it begins so, or null.
    private static JsonElement? TryParse(object value, char first)
    {
        if (value is not string text || !text.AsSpan().TrimStart().StartsWith(first))
        {
            return null;
        }

        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Not by way of decimal, whose conversions keep 7 digits of a float and 15 of a double.
    private static int ToInt32(double number) => double.IsFinite(number) && !double.IsInteger(number) ? throw new FormatException() : checked((int)number);

    private static int ToInt32(decimal number) => decimal.IsInteger(number) ? decimal.ToInt32(number) : throw new FormatException();

    // A number, or text that may be one. To Convert, true is 1.
    private static object ToNumber(object value) => Unwrap(value) is { } number and not (bool or char) ? number : throw new InvalidCastException();

    // The number, text or truth value that it is, or null where it is something else.
    private static object? Unwrap(object value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
        JsonElement { ValueKind: JsonValueKind.Number } number => number.TryGetDecimal(out decimal exact) ? exact : number.GetDouble(),
        JsonElement { ValueKind: JsonValueKind.True } => true,
        JsonElement { ValueKind: JsonValueKind.False } => false,
        JsonElement => null,
        _ => value,
    };
}
