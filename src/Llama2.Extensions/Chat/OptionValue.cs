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
    /// <summary>A value as a .NET value, or as a <see cref="JsonElement"/> if it is JSON of any kind.</summary>
    public static object Normalize(object value) => value is JsonNode node ? JsonElement.Parse(node.ToJsonString()) : value;

    /// <summary>
    /// Reads a value that may be a list: text that is a JSON list becomes that list; any other value, including other text, is returned unchanged.
    /// </summary>
    public static object ReadList(object value) => TryParse(value, '[') ?? value;

    /// <exception cref="FormatException">The value is text that is not a number.</exception>
    /// <exception cref="InvalidCastException">The value is not a number.</exception>
    public static float ToSingle(object value) => Convert.ToSingle(ToNumber(value), CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">The value is text that is not a number, or the number is not an integer.</exception>
    /// <exception cref="OverflowException">The number is too large, or NaN.</exception>
    /// <exception cref="InvalidCastException">The value is not a number.</exception>
    public static int ToInt32(object value) => ToNumber(value) switch
    {
        float number => ToInt32((double)number),
        double number => ToInt32(number),
        object number => ToInt32(Convert.ToDecimal(number, CultureInfo.InvariantCulture)),
    };

    /// <exception cref="FormatException">The value is text other than true and false.</exception>
    /// <exception cref="InvalidCastException">The value is neither true nor false.</exception>
    public static bool ToBoolean(object value) => Unwrap(value) switch
    {
        bool flag => flag,
        string text => bool.Parse(text),
        _ => throw new InvalidCastException(),
    };

    /// <summary>The elements of a list; a single value is a list of one element. Text may be a JSON list.</summary>
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

    /// <summary>A dictionary, which may be given as text with a JSON object.</summary>
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

    /// <summary>The kind of a value, for error messages.</summary>
    public static string Describe(object value) => value is JsonElement json ? $"{nameof(JsonElement)} of the kind {json.ValueKind}" : value.GetType().Name;

    // The JSON in a text that begins with the given character, or null.
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

    // Not converted to decimal, because that keeps only 7 digits of a float and 15 of a double.
    private static int ToInt32(double number) => double.IsFinite(number) && !double.IsInteger(number) ? throw new FormatException() : checked((int)number);

    private static int ToInt32(decimal number) => decimal.IsInteger(number) ? decimal.ToInt32(number) : throw new FormatException();

    // A number, or text that may be one. Booleans are excluded, because Convert treats true as 1.
    private static object ToNumber(object value) => Unwrap(value) is { } number and not (bool or char) ? number : throw new InvalidCastException();

    // The number, text or Boolean of a value, or null if it is something else.
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
