using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Evaluation;

/// <summary>The answer of a model to an example. Immutable.</summary>
/// <param name="Example">The example.</param>
/// <param name="Text">The text of the answer outside of calls.</param>
/// <param name="Calls">The calls of the answer.</param>
/// <param name="Verdict">Whether the calls are the expected ones.</param>
/// <param name="Usage">The number of tokens; null if the model could not answer.</param>
public sealed record ToolCallResult(ToolCallExample Example, string Text, IReadOnlyList<LlamaToolCall> Calls, ToolCallVerdict Verdict, GenerationUsage? Usage)
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes the result as a line of a JSON Lines file: id, category, is_correct, fault and message (null if correct), text, calls (name and
    /// arguments), prompt_tokens and generated_tokens.
    /// </summary>
    /// <param name="output">The file.</param>
    public void WriteLine(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using (var json = new Utf8JsonWriter(output, s_writing))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Example.Id);
            json.WriteString("category"u8, Example.Category);
            json.WriteBoolean("is_correct"u8, Verdict.IsCorrect);
            json.WriteString("fault"u8, Verdict.IsCorrect ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(Verdict.Fault.ToString()));
            json.WriteString("message"u8, Verdict.Message);
            json.WriteString("text"u8, Text);
            json.WriteStartArray("calls"u8);
            foreach (LlamaToolCall call in Calls)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, call.Name);
                json.WritePropertyName("arguments"u8);
                call.Arguments.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("prompt_tokens"u8, Usage?.PromptTokenCount ?? 0);
            json.WriteNumber("generated_tokens"u8, Usage?.GeneratedTokenCount ?? 0);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
