namespace Llama2.Server.Anthropic;

/// <summary>The body of an answer with an error, and the last event of a stream that an error ended.</summary>
/// <param name="Error">The error.</param>
/// <param name="RequestId">The id in the header <c>request-id</c>.</param>
/// <param name="Type">Always <c>error</c>.</param>
internal sealed record AnthropicErrorBody(AnthropicError Error, string RequestId, string Type = "error");
