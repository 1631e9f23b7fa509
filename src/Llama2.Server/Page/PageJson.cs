using System.Text.Json.Serialization;

namespace Llama2.Server.Page;

/// <summary>Writes what the page reads, with code that is generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PageDefaults))]
internal sealed partial class PageJson : JsonSerializerContext;
