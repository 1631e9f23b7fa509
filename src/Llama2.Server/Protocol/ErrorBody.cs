namespace Llama2.Server.Protocol;

/// <summary>The body of an answer with an error, and the last event of a stream that an error ended.</summary>
internal sealed record ErrorBody(ErrorDetail Error);
