using Llama2.Server.Protocol;

namespace Llama2.Server.Errors;

/// <summary>A request that cannot be answered, with the status and the error of its answer.</summary>
internal sealed class RequestException(int status, ErrorDetail error) : LlamaException(error.Message)
{
    public int Status => status;

    public ErrorDetail Error => error;

    /// <summary>A request that is not valid: 400.</summary>
    /// <param name="param">The field that causes the error; null if no field does.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="code">The name of the error for programs.</param>
    public static RequestException Invalid(string? param, string message, string code = "invalid_value") =>
        new(StatusCodes.Status400BadRequest, new ErrorDetail(message, ErrorTypes.InvalidRequest, param, code));

    /// <summary>A request that arrives while the server stops: 503.</summary>
    public static RequestException ShuttingDown() => new(StatusCodes.Status503ServiceUnavailable, Failure.ShuttingDown);

    /// <summary>A model that the server does not have: 404.</summary>
    public static RequestException NoModel(string name) => new(
        StatusCodes.Status404NotFound,
        new ErrorDetail(
            $"The model '{ErrorText.Shorten(name)}' does not exist on this server; GET /v1/models lists its models.",
            ErrorTypes.InvalidRequest, "model", "model_not_found"));
}
