using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Llama2.Evaluation.ToolCalls;

/// <summary>Values of JSON as Python reads and compares them: 1 is an integer and 1.0 a float, and both are equal.</summary>
internal static class PythonValue
{
    // The depth of parsed JSON, which is at most 64, bounds the recursion of all methods.
    private static readonly char[] s_float = ['.', 'e', 'E'];

    public static PythonType TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => PythonType.Boolean,
        JsonValueKind.Number => value.GetRawText().IndexOfAny(s_float) < 0 ? PythonType.Integer : PythonType.Float,
        JsonValueKind.String => PythonType.Text,
        JsonValueKind.Array => PythonType.List,
        JsonValueKind.Object => PythonType.Dictionary,
        _ => PythonType.None,
    };

    /// <summary>The text of a string. If the string contains half of a surrogate pair, its JSON is returned unchanged, without the quotes around it.</summary>
    public static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText()[1..^1];
        }
    }

    /// <summary>Whether a value is the empty text, which marks a parameter that may be left out.</summary>
    public static bool IsEmptyText(JsonElement value) => value.ValueKind == JsonValueKind.String && value.ValueEquals(ReadOnlySpan<char>.Empty);

    /// <summary>
    /// The standard form in which texts are compared. Spaces and the characters <c>, . / - _ * ^</c> are removed, letters are in lower case, and
    /// single quotes are replaced by double quotes. "April 1, 2024" and "april 1 2024" are therefore equal.
    /// </summary>
    public static string Standardize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            if (character is not (' ' or ',' or '.' or '/' or '-' or '_' or '*' or '^'))
                result.Append(character == '\'' ? '"' : char.ToLowerInvariant(character));
        }

        return result.ToString();
    }

    /// <summary>
    /// Whether two values are equal in Python. If <paramref name="standardizes"/> is true and both are texts, their standard forms are compared.
    /// Texts within lists and dictionaries must always be exactly equal.
    /// </summary>
    public static bool AreEqual(JsonElement left, JsonElement right, bool standardizes = false)
    {
        if (Number(left) is { } number)
            return Number(right) == number;
        if (left.ValueKind != right.ValueKind)
            return false;
        return left.ValueKind switch
        {
            JsonValueKind.String when standardizes => Standardize(Text(left)) == Standardize(Text(right)),
            JsonValueKind.String => Text(left) == Text(right),
            JsonValueKind.Array => AreEqualLists(left, right, standardizes: false),
            JsonValueKind.Object => AreEqualDictionaries(left, right),
            _ => true,
        };
    }

    /// <summary>
    /// Whether two lists have equal items in the same order. If <paramref name="standardizes"/> is true, items that are texts are compared in their
    /// standard forms.
    /// </summary>
    public static bool AreEqualLists(JsonElement left, JsonElement right, bool standardizes) =>
        left.GetArrayLength() == right.GetArrayLength() && left.EnumerateArray().Zip(right.EnumerateArray()).All(pair => AreEqual(pair.First, pair.Second, standardizes));

    /// <summary>The members of an object. If a name occurs more than once, its last value counts.</summary>
    public static Dictionary<string, JsonElement> Members(JsonElement value)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (JsonProperty property in value.EnumerateObject())
            members[Name(property)] = property.Value;
        return members;
    }

    private static bool AreEqualDictionaries(JsonElement left, JsonElement right)
    {
        Dictionary<string, JsonElement> first = Members(left), second = Members(right);
        return first.Count == second.Count && first.All(member => second.TryGetValue(member.Key, out JsonElement other) && AreEqual(member.Value, other));
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no parameter has such a name.
            return $"\0{property}";
        }
    }

    // In Python, True equals 1. Integers are compared as floats, which are exact for integers of up to 53 bits; no accepted value is that large.
    private static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => double.Parse(value.GetRawText(), CultureInfo.InvariantCulture),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => null,
    };
}
