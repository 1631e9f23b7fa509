using System.Text.Json;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;
using Llama2.Server.Writing;

namespace Llama2.Server.Anthropic;

/// <summary>Writes errors in Anthropic's form.</summary>
internal static class AnthropicErrors
{
    private const int OverloadStatus = 529;

    /// <summary>Writes an error as the answer to a request.</summary>
    public static Task WriteAsync(HttpContext context, Failure failure) =>
        JsonAnswer.WriteAsync(context.Response, BodyOf(context, failure), AnthropicJson.Default.AnthropicErrorBody, StatusOf(failure));

    /// <summary>Writes an error as the data of the last event of a stream.</summary>
    public static void Write(Utf8JsonWriter json, HttpContext context, Failure failure) =>
        JsonSerializer.Serialize(json, BodyOf(context, failure), AnthropicJson.Default.AnthropicErrorBody);

    // Anthropic's protocol has 429 and rate_limit_error for the limits of a client. A busy server is not such a limit.
    private static int StatusOf(Failure failure) => failure.IsOverload ? OverloadStatus : failure.Status;

    private static AnthropicErrorBody BodyOf(HttpContext context, Failure failure) =>
        new(new AnthropicError(TypeOf(failure), MessageOf(failure.Error)), RequestId.Of(context));

    // OpenAI's errors have a member for the name of the field. In Anthropic's errors, only the message can name it.
    private static string MessageOf(ErrorDetail error) =>
        error.Param is null || error.Message.Contains($"'{error.Param}'", StringComparison.Ordinal) ? error.Message : $"{error.Param}: {error.Message}";

    private static string TypeOf(Failure failure) => StatusOf(failure) switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        OverloadStatus => "overloaded_error",
        >= StatusCodes.Status500InternalServerError => "api_error",
        _ => "invalid_request_error",
    };
}
