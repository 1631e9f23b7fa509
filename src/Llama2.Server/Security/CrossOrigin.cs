using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Server.Security;

/// <summary>
/// Lets web pages of named origins read answers (CORS). It uses ASP.NET Core's implementation, but not its middleware, so that hosts need no line for it and
/// errors have the headers too. Thread-safe.
/// </summary>
/// <param name="origins">The origins, or * for all.</param>
/// <param name="logging">Where the implementation logs.</param>
internal sealed class CrossOrigin(IReadOnlyList<string> origins, ILoggerFactory logging)
{
    // How long a browser may cache the answer to a preflight request, so that it does not send one before each request.
    private static readonly TimeSpan s_preflightMaxAge = TimeSpan.FromMinutes(10);

    private readonly CorsService _service = new(Options.Create(new CorsOptions()), logging);
    private readonly CorsPolicy _policy = CreatePolicy([.. origins]);

    /// <summary>Adds the headers that let the page read the answer, and answers preflight requests.</summary>
    /// <returns>Whether the request was a preflight request, which is now answered.</returns>
    public bool Apply(HttpContext context)
    {
        if (context.Request.Headers.Origin.Count == 0)
            return false;
        CorsResult result = _service.EvaluatePolicy(context, _policy);
        _service.ApplyResult(result, context.Response);
        if (!result.IsPreflightRequest)
            return false;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    private static CorsPolicy CreatePolicy(string[] origins)
    {
        CorsPolicyBuilder builder = new CorsPolicyBuilder()
            .AllowAnyHeader()
            .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete)
            .WithExposedHeaders(["Retry-After", "request-id", .. RateHeaders.Names])
            .SetPreflightMaxAge(s_preflightMaxAge);
        return (origins.Contains("*") ? builder.AllowAnyOrigin() : builder.WithOrigins(origins)).Build();
    }
}
