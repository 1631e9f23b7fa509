using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Llama2.Server.Errors;

namespace Llama2.Server.Requests;

/// <summary>A value in a request's JSON. Its methods refuse values of other types and out of range, with an error that names the field.</summary>
/// <param name="Json">The value.</param>
/// <param name="Path">Where it is, such as <c>messages[2].content</c>.</param>
internal readonly record struct RequestValue(JsonElement Json, string Path)
{
    // That of OpenAI's reference.
    private const int MaxNameLength = 64;

    public bool IsText => Json.ValueKind == JsonValueKind.String;

    public bool IsNumber => Json.ValueKind == JsonValueKind.Number;

    public bool IsList => Json.ValueKind == JsonValueKind.Array;

    public bool IsObject => Json.ValueKind == JsonValueKind.Object;

    public string Text()
    {
        Expect(JsonValueKind.String, "a string");
        try
        {
            return Json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 without its other half.
            throw Refuse("has half of a surrogate pair, which is not a character.");
        }
    }

    /// <summary>A text that is one of a few.</summary>
    public string Text(params ReadOnlySpan<string> allowed)
    {
        string text = Text();
        return allowed.Contains(text) ? text : throw Refuse($"is '{ErrorText.Shorten(text)}'; supported: {string.Join(", ", allowed!)}.", "unsupported_value");
    }

    /// <summary>A text of a limited length in characters.</summary>
    public string Text(int minimum, int maximum)
    {
        string text = Text();
        return text.Length >= minimum && text.Length <= maximum
            ? text
            : throw Refuse(string.Create(CultureInfo.InvariantCulture, $"has {text.Length:N0} characters; {minimum:N0} to {maximum:N0} are allowed."));
    }

    /// <summary>The name of a function or of a schema.</summary>
    public string Name()
    {
        string text = Text();
        return text.Length is >= 1 and <= MaxNameLength && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')
            ? text
            : throw Refuse($"must have 1 to {MaxNameLength} letters, digits, underscores or hyphens.");
    }

    public float Number(float minimum, float maximum)
    {
        Expect(JsonValueKind.Number, "a number");
        double value = Json.GetDouble();
        return value >= minimum && value <= maximum ? (float)value : throw OutOfRange(minimum, maximum, "a number");
    }

    public int Integer(int minimum, int maximum) => (int)Integer((long)minimum, maximum);

    public long Integer(long minimum, long maximum)
    {
        Expect(JsonValueKind.Number, "an integer");
        // 2.0 and 2e0 are integers in JSON.
        return Json.TryGetDecimal(out decimal value) && decimal.IsInteger(value) && value >= minimum && value <= maximum
            ? (long)value
            : throw OutOfRange(minimum, maximum, "an integer");
    }

    public bool Flag() => Json.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType("true or false"),
    };

    public RequestObject Object()
    {
        Expect(JsonValueKind.Object, "an object");
        return new RequestObject(this);
    }

    /// <summary>The values of a list.</summary>
    /// <param name="minimum">The minimum number of values.</param>
    /// <param name="maximum">The maximum number of values.</param>
    public RequestValue[] List(int minimum, int maximum)
    {
        Expect(JsonValueKind.Array, "a list");
        int count = Json.GetArrayLength();
        if (count == 0 && minimum > 0)
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"is empty; {minimum:N0} to {maximum:N0} values are allowed."));
        if (count < minimum || count > maximum)
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"has {count:N0} values; {minimum:N0} to {maximum:N0} are allowed."));
        string path = Path;
        return [.. Json.EnumerateArray().Select((item, index) => new RequestValue(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")))];
    }

    /// <summary>The integers of a list, such as tokens; unlike <see cref="List"/>, it makes no path for each of them.</summary>
    public int[] Integers(int minimum, int maximum)
    {
        Expect(JsonValueKind.Array, "a list of integers");
        var integers = new int[Json.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in Json.EnumerateArray())
        {
            bool isInRange = item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out integers[count]) && integers[count] >= minimum && integers[count] <= maximum;
            if (!isInRange)
                integers[count] = new RequestValue(item, string.Create(CultureInfo.InvariantCulture, $"{Path}[{count}]")).Integer(minimum, maximum);
            count++;
        }

        return integers;
    }

    /// <summary>The values of a list that is read later, however many; none if the value is not a list.</summary>
    public RequestValue[] Items() => IsList ? List(0, int.MaxValue) : [];

    /// <summary>A copy of the JSON value, which does not keep the whole request in memory.</summary>
    public JsonElement Copy()
    {
        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            using (var writer = new Utf8JsonWriter(bytes))
                Json.WriteTo(writer);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw Refuse("has half of a surrogate pair, which is not a character.");
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }

    /// <summary>The error of a value of the wrong type.</summary>
    /// <param name="expected">What it has to be.</param>
    public RequestException WrongType(string expected) => Refuse($"is {Describe(Json.ValueKind)}; it must be {expected}.", "invalid_type");

    /// <summary>An error that names the field.</summary>
    /// <param name="reason">The rest of the sentence that begins with the field's name.</param>
    /// <param name="code">The name of the error for programs.</param>
    public RequestException Refuse(string reason, string code = "invalid_value") => RequestException.Invalid(Path, $"'{Path}' {reason}", code);

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private void Expect(JsonValueKind kind, string expected)
    {
        if (Json.ValueKind != kind)
            throw WrongType(expected);
    }

    private RequestException OutOfRange<T>(T minimum, T maximum, string expected) =>
        Refuse(
            string.Create(CultureInfo.InvariantCulture, $"is {ErrorText.Shorten(Json.GetRawText())}; it must be {expected} from {minimum} to {maximum}."),
            "out_of_range");
}
