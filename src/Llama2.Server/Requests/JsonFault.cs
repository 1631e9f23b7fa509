using System.Text.Json;

namespace Llama2.Server.Requests;

/// <summary>Tells why JSON was refused. The exceptions of the parser do not distinguish the causes, and their messages quote the JSON.</summary>
internal static class JsonFault
{
    /// <summary>Finds the cause.</summary>
    /// <param name="json">The refused JSON in UTF-8.</param>
    /// <param name="exception">What the parser threw, which reads no deeper than the maximum depth and allows no duplicate fields.</param>
    /// <param name="maxDepth">The maximum depth.</param>
    /// <returns>The rest of the sentence that begins with the name of the JSON.</returns>
    public static string Describe(ReadOnlySpan<byte> json, JsonException exception, int maxDepth)
    {
        if (json.IsEmpty)
            return "is empty; it must be a JSON object.";
        // The reader keeps one bit for each level, so the depth needs no limit here.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= maxDepth)
                    return FormattableString.Invariant($"is nested more than {maxDepth} levels deep{PositionOf(exception)}.");
            }
        }
        catch (JsonException fault)
        {
            return $"is not valid JSON{PositionOf(fault)}.";
        }

        return "has an object with two fields of the same name.";
    }

    private static string PositionOf(JsonException exception) =>
        FormattableString.Invariant($": line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
}
