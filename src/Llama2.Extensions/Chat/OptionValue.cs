using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Llama2.Extensions.Chat;

/// <summary>
/// Reads the value of an additional property. It may be a number of any type, a Boolean, text, a list or a dictionary; after options were stored or
/// sent as JSON, it is JSON. A number that does not fit the requested type causes an exception; in particular, a fraction is not rounded to an
/// integer.
/// </summary>
internal static class OptionValue
{
    /// <summary>Converts JSON of any kind to a <see cref="JsonElement"/>; any other value is returned unchanged.</summary>
    public static object Normalize(object value) => value is JsonNode node ? JsonElement.Parse(node.ToJsonString()) : value;

    /// <summary>
    /// Reads a value that may be a list: text that is a JSON list becomes that list; any other value, including other text, is returned unchanged.
    /// </summary>
    public static object ReadList(object value) => TryParse(value, '[') ?? value;

    /// <exception cref="FormatException">The value is text that does not contain a number.</exception>
    /// <exception cref="InvalidCastException">The value is not a number.</exception>
    public static float ToSingle(object value) => Convert.ToSingle(ToNumber(value), CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">The value is text that does not contain a number, or the number is not an integer.</exception>
    /// <exception cref="OverflowException">The number is too large, or NaN.</exception>
    /// <exception cref="InvalidCastException">The value is not a number.</exception>
    public static int ToInt32(object value) => ToNumber(value) switch
    {
        float number => ToInt32((double)number),
        double number => ToInt32(number),
        object number => ToInt32(Convert.ToDecimal(number, CultureInfo.InvariantCulture)),
    };

    /// <exception cref="FormatException">The value is text that is neither true nor false.</exception>
    /// <exception cref="InvalidCastException">The value is neither a Boolean nor text.</exception>
    public static bool ToBoolean(object value) => Unwrap(value) switch
    {
        bool flag => flag,
        string text => bool.Parse(text),
        _ => throw new InvalidCastException(),
    };

    /// <summary>The elements of a list. Text that contains a JSON list counts as a list; any other single value becomes a list of one element.</summary>
    public static IEnumerable<object> ToList(object value) => ReadList(value) switch
    {
        JsonElement { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Cast<object>(),
        JsonElement or string => [value],
        IEnumerable list => list.Cast<object>(),
        _ => [value],
    };

    /// <exception cref="InvalidCastException">The value is not text.</exception>
    public static string ToText(object value) => Unwrap(value) as string ?? throw new InvalidCastException();

    /// <exception cref="InvalidCastException">An element is not text.</exception>
    public static string[] ToStrings(object value) => [.. ToList(value).Select(ToText)];

    /// <summary>The entries of a dictionary from token ids to biases. Text that contains a JSON object counts as a dictionary.</summary>
    /// <exception cref="InvalidCastException">The value is not a dictionary, or a value in it is not a number.</exception>
    /// <exception cref="FormatException">A key is not a token id.</exception>
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

    /// <summary>The type of a value, for error messages.</summary>
    public static string Describe(object value) => value is JsonElement json ? $"{nameof(JsonElement)} of the kind {json.ValueKind}" : value.GetType().Name;

    // The JSON that a text contains; null if the value is not text, does not begin with the given character or is not valid JSON.
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

    // The number is not converted to decimal, because that conversion keeps only 7 digits of a float and 15 of a double.
    private static int ToInt32(double number) => double.IsFinite(number) && !double.IsInteger(number) ? throw new FormatException() : checked((int)number);

    private static int ToInt32(decimal number) => decimal.IsInteger(number) ? decimal.ToInt32(number) : throw new FormatException();

    // A number, or text that may contain one. Booleans and characters are excluded, because the class Convert would treat true as 1.
    private static object ToNumber(object value) => Unwrap(value) is { } number and not (bool or char) ? number : throw new InvalidCastException();

    // The number, text or Boolean that JSON contains; null for any other JSON. A value that is not JSON is returned unchanged.
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
