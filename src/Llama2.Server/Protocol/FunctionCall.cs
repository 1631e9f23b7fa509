namespace Llama2.Server.Protocol;

/// <summary>The function that a tool call names.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The arguments: a JSON object as text.</param>
internal sealed record FunctionCall(string Name, string Arguments);
