namespace Llama2.Server.Anthropic;

/// <summary>Who calls a tool.</summary>
/// <param name="Type">Always <c>direct</c>: the model.</param>
internal sealed record ToolCaller(string Type = "direct");
