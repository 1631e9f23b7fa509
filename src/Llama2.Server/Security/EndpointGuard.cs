using Llama2.Server.Accounting;
using Llama2.Server.Errors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Llama2.Server.Security;

/// <summary>
/// The steps before every endpoint: the headers of all answers, CORS, and the API key. It is part of the endpoints and not of the application's pipeline, so
/// that hosts need no further line, and the order of their middleware does not matter. Thread-safe.
/// </summary>
internal sealed class EndpointGuard
{
    private readonly RequestLedger _ledger;
    private readonly CrossOrigin? _crossOrigin;
    private readonly bool _requiresKey;

    /// <param name="options">The options of the endpoints.</param>
    /// <param name="ledger">Records refused requests.</param>
    /// <param name="services">The application's services.</param>
    /// <exception cref="LlamaApiKeyException">The API keys cannot be read.</exception>
    public EndpointGuard(LlamaServerOptions options, RequestLedger ledger, IServiceProvider services)
    {
        _ledger = ledger;
        if (options.AllowedOrigins.Count > 0)
            _crossOrigin = new CrossOrigin(options.AllowedOrigins, services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance);
        // The keys are read here, so that a fault in them is found at the start.
        _requiresKey = options.RequireApiKey && services.GetService<ApiKeyStore>() is not null;
    }

    /// <summary>A convention of endpoints: puts the guard before an endpoint.</summary>
    public void Protect(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } answer)
            return;
        bool needsKey = _requiresKey && !endpoint.Metadata.OfType<OpenEndpoint>().Any();
        endpoint.RequestDelegate = context => AnswerAsync(context, answer, needsKey);
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate answer, bool needsKey)
    {
        AnswerHeaders.Set(context.Response.Headers);
        // A preflight request has no key, even if the request that follows will have one.
        if (_crossOrigin?.Apply(context) == true)
            return;
        if (!needsKey || await AuthenticateAsync(context).ConfigureAwait(false))
            await answer(context).ConfigureAwait(false);
        else
            await RefuseAsync(context).ConfigureAwait(false);
    }

    private static async Task<bool> AuthenticateAsync(HttpContext context)
    {
        AuthenticateResult result = await context.AuthenticateAsync(LlamaApiKeyDefaults.AuthenticationScheme).ConfigureAwait(false);
        if (!result.Succeeded)
            return false;
        context.User = result.Principal;
        return true;
    }

    private async Task RefuseAsync(HttpContext context)
    {
        RequestRecord record = _ledger.Begin(context, keyName: null);
        record.ErrorCode = RequestException.NoKeyCode;
        try
        {
            await context.ChallengeAsync(LlamaApiKeyDefaults.AuthenticationScheme).ConfigureAwait(false);
        }
        finally
        {
            _ledger.End(record, context);
        }
    }
}
