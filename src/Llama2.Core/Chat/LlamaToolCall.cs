using System.Text.Json;

namespace Llama2;

/// <summary>A call of a tool that a model wrote. Immutable and thread-safe.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments: a JSON object.</param>
public sealed record LlamaToolCall(string Name, JsonElement Arguments);
