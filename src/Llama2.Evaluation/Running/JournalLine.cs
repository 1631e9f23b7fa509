using System.Buffers;
using System.Text.Json;

namespace Llama2.Evaluation.Running;

/// <summary>The lines of a <see cref="ResponseJournal"/>, as JSON: a request's key and its response.</summary>
internal static class JournalLine
{
    // JSON has no numbers for these.
    private static readonly Dictionary<string, double> s_special = new() { ["nan"] = double.NaN, ["inf"] = double.PositiveInfinity, ["-inf"] = double.NegativeInfinity };

    public static byte[] Write(string key, EvaluationResponse response) => ToLine(writer =>
    {
        writer.WriteString("key", key);
        if (response.Text is { } text)
            writer.WriteString("text", text);
        else if (double.IsFinite(response.LogLikelihood))
            writer.WriteNumber("log_likelihood", response.LogLikelihood);
        else
            writer.WriteString("log_likelihood", s_special.First(special => special.Value.Equals(response.LogLikelihood)).Key);
        if (response.IsGreedy)
            writer.WriteBoolean("greedy", true);
        writer.WriteNumber("tokens", response.TokenCount);
        if (response.IsTruncated)
            writer.WriteBoolean("truncated", true);
    });

    /// <summary>Reads a line; null if it is damaged.</summary>
    public static (string Key, EvaluationResponse Response)? TryParse(ReadOnlyMemory<byte> line)
    {
        if (!TryParseObject(line, out JsonElement record) || TextOf(record, "key") is not { } key || !record.TryGetProperty("tokens", out JsonElement tokens)
            || tokens.ValueKind != JsonValueKind.Number || !tokens.TryGetInt32(out int count))
        {
            return null;
        }

        string? text = TextOf(record, "text");
        double? logLikelihood = LogLikelihoodOf(record);
        if ((text is null) == (logLikelihood is null))
            return null;
        return (key, new EvaluationResponse
        {
            LogLikelihood = logLikelihood ?? 0,
            Text = text,
            IsGreedy = IsTrue(record, "greedy"),
            TokenCount = count,
            IsTruncated = IsTrue(record, "truncated"),
        });
    }

    public static byte[] ToLine(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public static bool TryParseObject(ReadOnlyMemory<byte> line, out JsonElement record)
    {
        record = default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 8 });
            record = document.RootElement.Clone();
            return record.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static double? LogLikelihoodOf(JsonElement record)
    {
        if (!record.TryGetProperty("log_likelihood", out JsonElement value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number
            : TextOf(record, "log_likelihood") is { } text && s_special.TryGetValue(text, out double special) ? special
            : null;
    }

    // Also null for bytes that are not UTF-8, and for half a surrogate pair.
    private static string? TextOf(JsonElement record, string name)
    {
        try
        {
            return record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsTrue(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
