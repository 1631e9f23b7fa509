using Llama2.Server.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Llama2.Server.Errors;

/// <summary>The answer to a request that failed.</summary>
/// <param name="Status">The status.</param>
/// <param name="Error">The error in the body, or in the last event of a stream that had begun.</param>
/// <param name="IsFault">Whether the server is at fault, so that the exception is logged.</param>
/// <param name="InvitesRetry">Whether the same request may soon succeed, so that the answer has the header Retry-After.</param>
/// <param name="IsOverload">Whether the server has too much to do or too little memory, regardless of the client; some protocols have a separate status for
/// this.</param>
internal sealed record Failure(int Status, ErrorDetail Error, bool IsFault = false, bool InvitesRetry = false, bool IsOverload = false)
{
    /// <summary>The error of requests that a stopping server refuses or ends.</summary>
    public static ErrorDetail ShuttingDown { get; } = new("The server is shutting down.", ErrorTypes.Server, null, "server_shutting_down");

    /// <summary>The error of a body that did not arrive in time.</summary>
    public static ErrorDetail SlowBody { get; } = new("The request's body did not arrive in time.", ErrorTypes.InvalidRequest, null, "request_timeout");

    /// <summary>Finds the answer to an exception.</summary>
    /// <param name="exception">What a handler threw.</param>
    /// <param name="promptField">The field of the request that contains the prompt.</param>
    public static Failure Of(Exception exception, string promptField) => exception switch
    {
        RequestException request => new(request.Status, request.Error),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(StatusCodes.Status413PayloadTooLarge, TooLarge(null)),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new(StatusCodes.Status408RequestTimeout, SlowBody),
        ConnectionResetException => new(StatusCodes.Status400BadRequest, Invalid("The client ended the connection within the request's body.", "malformed_body")),
        BadHttpRequestException bad => new(bad.StatusCode, Invalid("The request is malformed: its body could not be read.", "malformed_body")),
        ContextLengthException => Refuse(exception, promptField, "context_length_exceeded"),
        PromptFormatException or PromptTemplateException => Refuse(exception, promptField, "invalid_value"),
        LlamaBusyException => new(
            StatusCodes.Status429TooManyRequests,
            new ErrorDetail("The model has as many waiting requests as it accepts. Try again later.", ErrorTypes.Requests, null, "rate_limit_exceeded"),
            InvitesRetry: true, IsOverload: true),
        ServerBusyException => new(
            StatusCodes.Status429TooManyRequests, new ErrorDetail(exception.Message, ErrorTypes.Requests, null, "rate_limit_exceeded"),
            InvitesRetry: true, IsOverload: true),
        LlamaMemoryException => new(
            StatusCodes.Status503ServiceUnavailable,
            new ErrorDetail(
                "The server does not have enough memory for this request now. Try again later, or with fewer tokens.", ErrorTypes.Server, null, "insufficient_memory"),
            InvitesRetry: true, IsOverload: true),
        ModelUnavailableException => new(
            StatusCodes.Status503ServiceUnavailable, new ErrorDetail(exception.Message, ErrorTypes.Server, "model", "model_unavailable"), InvitesRetry: true),
        ObjectDisposedException or OperationCanceledException => new(StatusCodes.Status503ServiceUnavailable, ShuttingDown),
        ReaderIdleException => new(
            StatusCodes.Status408RequestTimeout,
            new ErrorDetail("The answer was ended, because the client stopped reading it.", ErrorTypes.InvalidRequest, null, "reader_idle")),
        _ => new(
            StatusCodes.Status500InternalServerError,
            new ErrorDetail("The server had an error while it processed the request.", ErrorTypes.Server, null, "internal_error"),
            IsFault: true),
    };

    /// <summary>The error of a body that is too large.</summary>
    /// <param name="limit">The limit in bytes; null if it is not the server's own.</param>
    public static ErrorDetail TooLarge(long? limit) =>
        Invalid(
            limit is null ? "The request's body is too large."
                : FormattableString.Invariant($"The request's body has more than {limit:N0} bytes, the limit of this server."),
            "request_too_large");

    private static ErrorDetail Invalid(string message, string code) => new(message, ErrorTypes.InvalidRequest, null, code);

    private static Failure Refuse(Exception exception, string field, string code) =>
        new(StatusCodes.Status400BadRequest, new ErrorDetail(exception.Message, ErrorTypes.InvalidRequest, field, code));
}
