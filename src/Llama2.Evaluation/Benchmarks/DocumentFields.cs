using System.Globalization;
using System.Text.Json;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Reads the fields of documents.</summary>
/// <exception cref="EvaluationDataException">A document lacks a field, or it has another type.</exception>
internal static class DocumentFields
{
    // Enough to find the document; documents may be long.
    private const int ExcerptLength = 120;

    /// <summary>A text.</summary>
    public static string Text(this JsonElement document, string name) => document.Member(name, JsonValueKind.String).GetString()!;

    /// <summary>A list of texts.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement document, string name) => [.. document.Items(name).Select(item => item.ValueKind == JsonValueKind.String
        ? item.GetString()!
        : throw Fault(document, $"an item of '{name}' is not a text"))];

    /// <summary>The items of a list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement document, string name) => document.Member(name, JsonValueKind.Array).EnumerateArray();

    /// <summary>An object.</summary>
    public static JsonElement Object(this JsonElement document, string name) => document.Member(name, JsonValueKind.Object);

    /// <summary>A whole number, or a text of its digits, as data sets store labels.</summary>
    public static int Integer(this JsonElement document, string name)
    {
        JsonElement value = document.Member(name);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number))
            return number;
        return value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            ? number
            : throw Fault(document, $"'{name}' is not a whole number");
    }

    /// <summary>A number.</summary>
    public static double Number(this JsonElement document, string name)
        => document.Member(name, JsonValueKind.Number).TryGetDouble(out double number) ? number : throw Fault(document, $"'{name}' is not a number");

    /// <summary>The index of a text in a list, such as the index of the key <c>B</c> among the labels.</summary>
    public static int IndexIn(this JsonElement document, IReadOnlyList<string> list, string text)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] == text)
                return i;
        }

        throw Fault(document, $"the answer '{text}' is not one of {string.Join(", ", list)}");
    }

    /// <summary>Creates the exception for a document that cannot be used.</summary>
    public static EvaluationDataException Fault(JsonElement document, string fault)
    {
        string text = document.GetRawText();
        return new EvaluationDataException($"A record of the data set cannot be used: {fault}. The record: {(text.Length > ExcerptLength ? text[..ExcerptLength] + "…" : text)}");
    }

    private static JsonElement Member(this JsonElement document, string name, JsonValueKind kind)
    {
        JsonElement value = document.Member(name);
        return value.ValueKind == kind ? value : throw Fault(document, $"'{name}' is not of the type {Describe(kind)}");
    }

    private static JsonElement Member(this JsonElement document, string name)
        => document.ValueKind == JsonValueKind.Object && document.TryGetProperty(name, out JsonElement value) ? value : throw Fault(document, $"it has no field '{name}'");

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "list",
        JsonValueKind.String => "text",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
