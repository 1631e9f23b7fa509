using System.Text.Json.Serialization;

namespace Llama2.Server.LlamaCpp;

/// <summary>Writes llama.cpp's answers as JSON, with code that is generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InfillCompletion))]
[JsonSerializable(typeof(ServerProperties))]
internal sealed partial class LlamaCppJson : JsonSerializerContext;
