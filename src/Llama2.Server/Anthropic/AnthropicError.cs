namespace Llama2.Server.Anthropic;

/// <summary>An error in Anthropic's form.</summary>
/// <param name="Type">The kind of error, such as <c>invalid_request_error</c>.</param>
/// <param name="Message">What is wrong, with the field, the value, the limit and the remedy.</param>
internal sealed record AnthropicError(string Type, string Message);
