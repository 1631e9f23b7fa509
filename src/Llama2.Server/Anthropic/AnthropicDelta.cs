using System.Text.Json.Serialization;

namespace Llama2.Server.Anthropic;

/// <summary>What an event adds.</summary>
[JsonDerivedType(typeof(BlockDelta))]
[JsonDerivedType(typeof(EndDelta))]
internal abstract record AnthropicDelta;
