using Llama2.Server.Errors;
using Llama2.Server.Writing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Llama2.Server.Security;

/// <summary>
/// Explains the refusals of ASP.NET Core's host filtering, which has neither a body nor an entry in the log that says what to do. It refuses nothing itself.
/// Thread-safe.
/// </summary>
/// <param name="filtering">The hosts that are allowed.</param>
/// <param name="loggers">Creates the log.</param>
internal sealed partial class HostRefusal(IOptionsMonitor<HostFilteringOptions> filtering, ILoggerFactory loggers) : IStartupFilter
{
    private readonly ILogger _logger = loggers.CreateLogger("Llama2.Server");

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        application.Use(AnswerAsync);
        next(application);
    };

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        if (context.Response is not { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false } || IsAllowed(context.Request.Headers.Host.ToString()))
            return;
        string host = ErrorText.Shorten(context.Request.Headers.Host.ToString());
        LogRefusal(_logger, host);
        AnswerHeaders.Set(context.Response.Headers);
        var refusal = RequestException.Invalid(
            null,
            $"The host '{host}' is not allowed: this server answers only requests from its own machine. Send them to localhost, 127.0.0.1 or [::1].");
        await JsonAnswer.WriteAsync(context.Response, Failure.Of(refusal, "")).ConfigureAwait(false);
    }

    private bool IsAllowed(string host) =>
        host.Length > 0 && HostString.MatchesAny(host, [.. filtering.CurrentValue.AllowedHosts.Select(allowed => new StringSegment(allowed))]);

    [LoggerMessage(8, LogLevel.Information, "The host '{Host}' is refused, because the server listens only on a loopback address; llama2 serve --host ADDRESS allows others")]
    private static partial void LogRefusal(ILogger logger, string host);
}
