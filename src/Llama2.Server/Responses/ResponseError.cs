namespace Llama2.Server.Responses;

/// <summary>Why a response failed after its first event.</summary>
internal sealed record ResponseError(string Code, string Message);
