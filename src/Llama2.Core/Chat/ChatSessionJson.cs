using System.Text.Json.Serialization;

namespace Llama2.Chat;

/// <summary>How sessions become JSON: written by the compiler, so that it works trimmed and ahead of time.</summary>
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
