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

    /// <summary>The code of a request without a key that the server knows.</summary>
    public const string NoKeyCode = "invalid_api_key";

    /// <summary>A request without a key that the server knows: 401. It does not say whether there is no key, a malformed one or a wrong one.</summary>
    public static RequestException NoKey() => new(
        StatusCodes.Status401Unauthorized,
        new ErrorDetail(
            "The API key is missing or not valid. Send a key of this server in the header Authorization: Bearer KEY, or x-api-key: KEY.",
            ErrorTypes.InvalidRequest, null, NoKeyCode));

    /// <summary>A request of a client that has used up its budget: 429.</summary>
    /// <param name="unit"><c>requests</c> or <c>tokens</c>.</param>
    /// <param name="limit">The limit per minute.</param>
    public static RequestException OverBudget(string unit, int limit) => new(
        StatusCodes.Status429TooManyRequests,
        new ErrorDetail(
            FormattableString.Invariant($"The limit of {limit:N0} {unit} per minute is reached. Try again after the time in the header Retry-After."),
            unit, null, "rate_limit_exceeded"));

    /// <summary>A body that did not arrive in time: 408.</summary>
    public static RequestException SlowBody() => new(StatusCodes.Status408RequestTimeout, Failure.SlowBody);

    /// <summary>An answer that was not finished in time: 504.</summary>
    public static RequestException SlowAnswer(TimeSpan limit) => new(
        StatusCodes.Status504GatewayTimeout,
        new ErrorDetail(
            FormattableString.Invariant($"The answer was ended after {limit.TotalSeconds:N0} s, the limit of this server. Ask for fewer tokens."),
            ErrorTypes.Server, null, "answer_timeout"));

    /// <summary>A model that the server does not have: 404.</summary>
    public static RequestException NoModel(string name) => new(
        StatusCodes.Status404NotFound,
        new ErrorDetail(
            $"The model '{ErrorText.Shorten(name)}' does not exist on this server; GET /v1/models lists its models.",
            ErrorTypes.InvalidRequest, "model", "model_not_found"));
}
