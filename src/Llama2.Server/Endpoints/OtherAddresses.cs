using Llama2.Server.Errors;
using Llama2.Server.Protocol;

namespace Llama2.Server.Endpoints;

/// <summary>Answers requests for addresses and methods that the server does not have.</summary>
internal static class OtherAddresses
{
    /// <summary>OpenAI's addresses without <c>/v1</c>, to which its clients send requests if their base address lacks it.</summary>
    public static IReadOnlyList<string> WithoutVersion { get; } = ["/chat/completions", "/completions", "/embeddings", "/responses"];

    /// <summary>Answers a request for an address that the server does not have.</summary>
    public static Task RefuseAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string path = context.Request.Path.ToString();
        throw new RequestException(
            StatusCodes.Status404NotFound,
            new ErrorDetail(
                $"This server does not have the address {ErrorText.Shorten(context.Request.Method)} {ErrorText.Shorten(path)}. {AdviceFor(path)}",
                ErrorTypes.InvalidRequest, null, "unknown_url"));
    }

    private static string AdviceFor(string path)
    {
        if (path.Contains("/v1/v1", StringComparison.OrdinalIgnoreCase))
            return "It has /v1 twice: the base address of Anthropic's clients must not end with /v1, and that of OpenAI's clients must have it only once.";
        return path.Contains("/v1", StringComparison.OrdinalIgnoreCase)
            ? "GET /openapi.json lists the addresses."
            : "It lacks /v1: the base address of OpenAI's clients must end with /v1.";
    }

    /// <summary>Answers a request with a method that the address does not have; OPTIONS asks for the methods that it has.</summary>
    /// <param name="context">The request.</param>
    /// <param name="allowed">The methods of the address, separated by commas.</param>
    public static Task RefuseMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        throw new RequestException(
            StatusCodes.Status405MethodNotAllowed,
            new ErrorDetail(
                $"The method '{ErrorText.Shorten(context.Request.Method)}' is not allowed for this address; allowed: {allowed}.",
                ErrorTypes.InvalidRequest, null, "method_not_allowed"));
    }
}
