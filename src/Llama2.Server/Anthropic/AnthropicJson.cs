using System.Text.Json.Serialization;

namespace Llama2.Server.Anthropic;

/// <summary>Writes the answers of Anthropic's protocol as JSON, with code that is generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AnthropicMessage))]
[JsonSerializable(typeof(AnthropicEvent))]
[JsonSerializable(typeof(AnthropicErrorBody))]
[JsonSerializable(typeof(AnthropicModel))]
[JsonSerializable(typeof(AnthropicModelList))]
[JsonSerializable(typeof(TokenCount))]
internal sealed partial class AnthropicJson : JsonSerializerContext;
