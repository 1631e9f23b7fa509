using Llama2.Server.Errors;
using Llama2.Server.Protocol;

namespace Llama2.Server.Endpoints;

/// <summary>Answers requests for addresses and methods that the server does not have.</summary>
internal static class OtherAddresses
{
    /// <summary>Answers a request for an address below <c>/v1</c> that the server does not have.</summary>
    public static Task RefuseAsync(HttpContext context, CancellationToken cancellationToken) => throw new RequestException(
        StatusCodes.Status404NotFound,
        new ErrorDetail("This server does not have the requested address.", ErrorTypes.InvalidRequest, null, "unknown_url"));

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
