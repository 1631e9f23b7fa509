namespace Llama2.Server.Anthropic;

/// <summary>A model in Anthropic's list of models.</summary>
/// <param name="Id">The name by which requests choose the model.</param>
/// <param name="DisplayName">The same name.</param>
/// <param name="CreatedAt">When the server began to serve the model.</param>
/// <param name="Type">Always <c>model</c>.</param>
internal sealed record AnthropicModel(string Id, string DisplayName, DateTimeOffset CreatedAt, string Type = "model");
