using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>The text that a content of a message carries, as a guard reads it. Escapes of JSON are decoded, so that they hide nothing.</summary>
internal static class ContentTexts
{
    // Values within values: deeper ones are not judged, and lead to a failure.
    private const int MaxDepth = 32;

    // Values of a content and characters of its text. An object of the application may be endless.
    private const int MaxValueCount = 65_536;
    private const int MaxLength = 1 << 20;

    /// <summary>The text; empty for a content without any; null for a content that cannot be judged, such as an image, or a value that cannot be read.</summary>
    public static string? Of(AIContent content)
    {
        try
        {
            return TextOf(content);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Values are objects of other code, and JSON may have half of a surrogate pair. What cannot be read was not judged.
            return null;
        }
    }

    private static string? TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => reasoning.Text,
        UsageContent => "",
        ErrorContent error => JoinLines([error.Message, error.ErrorCode, error.Details]),
        FunctionCallContent call => OfCall(call),
        FunctionResultContent result => OfValue(result.Result),
        _ => null,
    };

    private static string? OfCall(FunctionCallContent call) => OfValue(call.Arguments ?? new Dictionary<string, object?>()) is { } arguments ? JoinLines([call.Name, arguments]) : null;

    private static string? OfValue(object? value)
    {
        var text = new StringBuilder();
        return Append(text, value, 0) ? text.ToString() : null;
    }

    private static bool Append(StringBuilder text, object? value, int depth)
    {
        if (depth > MaxDepth)
            return false;
        switch (value)
        {
            case null:
                return true;
            case string line:
                text.Append(text.Length > 0 ? "\n" : "").Append(line);
                return true;
            case JsonElement element:
                return AppendJson(text, element, depth);
            case JsonNode node:
                using (JsonDocument document = JsonDocument.Parse(node.ToJsonString()))
                    return AppendJson(text, document.RootElement, depth);
            case AIContent content:
                return Of(content) is { } inner && Append(text, inner, depth + 1);
            case IDictionary<string, object?> pairs:
                return pairs.All(pair => Append(text, pair.Key, depth + 1) && Append(text, pair.Value, depth + 1));
            case IFormattable scalar:
                return Append(text, scalar.ToString(null, CultureInfo.InvariantCulture), depth);
            case bool flag:
                return Append(text, flag ? "true" : "false", depth);
            case IEnumerable items:
                return items.Cast<object?>().Select((item, i) => (item, i)).All(entry => entry.i < MaxValueCount && text.Length <= MaxLength && Append(text, entry.item, depth + 1));
            default:
                return AIJsonUtilities.DefaultOptions.TryGetTypeInfo(value.GetType(), out System.Text.Json.Serialization.Metadata.JsonTypeInfo? type)
                    && AppendJson(text, JsonSerializer.SerializeToElement(value, type), depth);
        }
    }

    private static bool AppendJson(StringBuilder text, JsonElement element, int depth) => depth <= MaxDepth && element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(property => Append(text, property.Name, depth) && AppendJson(text, property.Value, depth + 1)),
        JsonValueKind.Array => element.EnumerateArray().All(item => AppendJson(text, item, depth + 1)),
        JsonValueKind.String => Append(text, element.GetString(), depth),
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        _ => Append(text, element.GetRawText(), depth),
    };

    private static string JoinLines(IEnumerable<string?> lines) => string.Join('\n', lines.Where(line => !string.IsNullOrEmpty(line)));
}
