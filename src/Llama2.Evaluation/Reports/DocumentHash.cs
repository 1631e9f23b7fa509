using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Llama2.Templating.Characters;

namespace Llama2.Evaluation.Reports;

/// <summary>
/// The hashes by which results state their data, as in lm-evaluation-harness: SHA-256 of texts, and of documents in the form of Python's
/// <c>json.dumps(document, indent=2, ensure_ascii=False)</c>.
/// </summary>
internal static class DocumentHash
{
    /// <summary>The hash of a text: 64 hexadecimal digits.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The hash of a document.</summary>
    public static string Of(JsonElement document)
    {
        var text = new StringBuilder();
        Append(text, document, depth: 0);
        return Of(text.ToString());
    }

    /// <summary>The digest of a task's data: the hash of its documents' hashes, in their order.</summary>
    public static string Of(TaskReport task) => Of(string.Concat(task.Examples.Select(example => Of(example.Example.Document))));

    /// <summary>The hash of all documents, first prompts and targets of a task (<c>task_hashes</c>).</summary>
    public static string OfRequests(TaskReport task) => Of(string.Concat(task.Examples.Select(result => result.Example).Select(
        example => Of(example.Document) + Of(PromptText.Of(example.Requests[0])) + Of(example.Target))));

    // The depth is bounded by the parser's limit, 64.
    private static void Append(StringBuilder text, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                int count = 0;
                text.Append('{');
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    AppendLineStart(text, depth + 1, count++ > 0);
                    JsonLiteral.AppendString(text, property.Name, isAscii: false);
                    text.Append(": ");
                    Append(text, property.Value, depth + 1);
                }

                AppendEnd(text, depth, count, '}');
                break;
            case JsonValueKind.Array:
                int length = 0;
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    AppendLineStart(text, depth + 1, length++ > 0);
                    Append(text, item, depth + 1);
                }

                AppendEnd(text, depth, length, ']');
                break;
            case JsonValueKind.String:
                JsonLiteral.AppendString(text, value.GetString()!, isAscii: false);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value));
                break;
            default:
                text.Append(value.ValueKind == JsonValueKind.Undefined ? "null" : value.GetRawText());
                break;
        }
    }

    // Python reads digits alone as a whole number of any size, and any other number as a float, which it writes with the fewest digits.
    private static string Number(JsonElement value)
    {
        string digits = value.GetRawText();
        return digits.AsSpan().ContainsAny('.', 'e', 'E') ? JsonLiteral.Number(double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture)) : digits;
    }

    private static void AppendLineStart(StringBuilder text, int depth, bool isContinued)
        => text.Append(isContinued ? ",\n" : "\n").Append(' ', 2 * depth);

    private static void AppendEnd(StringBuilder text, int depth, int count, char end)
    {
        if (count > 0)
            text.Append('\n').Append(' ', 2 * depth);
        text.Append(end);
    }
}
