using System.Globalization;
using System.Text.Json;
using Json.Schema;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>Another implementation of JSON Schema: JsonSchema.Net.</summary>
internal sealed class SchemaJudge
{
    private static readonly EvaluationOptions s_options = new() { RequireFormatValidation = true };

    private readonly JsonSchema _schema;

    private SchemaJudge(JsonSchema schema) => _schema = schema;

    /// <summary>
    /// A judge for a schema; null if the schema refers to itself without an object or array in between, which the other implementation refuses.
    /// </summary>
    public static SchemaJudge? TryCreate(string schema)
    {
        try
        {
            return new SchemaJudge(JsonSchema.FromText(schema, new BuildOptions { SchemaRegistry = new SchemaRegistry() }));
        }
        catch (JsonSchemaException exception) when (exception.Message.StartsWith("Cycle detected", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Whether a text is JSON that fits the schema; null if the other implementation cannot tell.</summary>
    public bool? IsValid(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return IsBeyondIt(document.RootElement) ? null : _schema.Evaluate(document.RootElement, s_options).IsValid;
    }

    // The other implementation uses double to decide whether a number is an integer, counts several characters as one if they are displayed together, and
    // matches patterns with the halves of surrogate pairs. It also uses .NET's Uri, which takes a URI with a scheme of one letter (allowed by RFC 3986) for a
    // path on a drive. Values for which this matters are left out.
    private static bool IsBeyondIt(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => !IsExact(value.GetRawText()),
        JsonValueKind.String => IsBeyondIt(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().Any(IsBeyondIt),
        JsonValueKind.Object => value.EnumerateObject().Any(member => IsBeyondIt(member.Name) || IsBeyondIt(member.Value)),
        _ => false,
    };

    private static bool IsBeyondIt(string text) =>
        new StringInfo(text).LengthInTextElements != text.Length || (text.Length > 1 && char.IsAsciiLetter(text[0]) && text[1] == ':');

    private static bool IsExact(string number)
    {
        int exponent = number.AsSpan().IndexOfAny('e', 'E');
        return number.Length <= 15
            && (exponent < 0 || (int.TryParse(number.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int power) && Math.Abs(power) <= 3));
    }
}
