using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>Writes the answers as JSON, with code that is generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(TokenPieceList))]
[JsonSerializable(typeof(DetokenizeAnswer))]
internal sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>
    /// How JSON is written: letters of all scripts as they are and not as escapes, which would take six bytes for each. No answer is part of a web page, in which
    /// unescaped text could be read as markup.
    /// </summary>
    public static JsonWriterOptions Writing { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
