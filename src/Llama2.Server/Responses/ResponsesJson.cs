using System.Text.Json.Serialization;

namespace Llama2.Server.Responses;

/// <summary>Writes responses as JSON, with code that is generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelResponse))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ResponseItemList))]
[JsonSerializable(typeof(DeletedResponse))]
internal sealed partial class ResponsesJson : JsonSerializerContext;
