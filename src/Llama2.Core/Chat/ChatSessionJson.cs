using System.Text.Json.Serialization;

namespace Llama2.Chat;

/// <summary>The JSON serializer of sessions. The compiler generates this class, so that it works in trimmed and AOT-compiled applications.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    AllowDuplicateProperties = false,
    MaxDepth = ChatSessionDefaults.MaxDepth)]
[JsonSerializable(typeof(ChatSessionDocument))]
internal sealed partial class ChatSessionJson : JsonSerializerContext;
