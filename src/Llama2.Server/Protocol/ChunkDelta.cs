namespace Llama2.Server.Protocol;

/// <summary>What an event adds to the message of a choice.</summary>
internal sealed record ChunkDelta(string? Role = null, string? Content = null, IReadOnlyList<ToolCall>? ToolCalls = null);
