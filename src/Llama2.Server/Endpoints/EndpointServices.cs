using System.Globalization;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Accounting;
using Llama2.Server.Errors;
using Llama2.Server.Models;
using Llama2.Server.Security;
using Llama2.Server.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Llama2.Server.Endpoints;

/// <summary>What all endpoints need. Thread-safe.</summary>
internal sealed partial class EndpointServices : IDisposable
{
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly Shutdown _shutdown;
    private readonly RequestPace _pace = new();
    private readonly RequestLedger _ledger;
    private readonly RequestGate _gate;

    /// <param name="models">The models.</param>
    /// <param name="options">The options of the endpoints.</param>
    /// <param name="services">The application's services.</param>
    /// <exception cref="LlamaApiKeyException">The API keys cannot be read.</exception>
    public EndpointServices(IModelCatalog models, LlamaServerOptions options, IServiceProvider services)
    {
        Models = models;
        Options = options;
        _logger = services.GetService<ILoggerFactory>()?.CreateLogger("Llama2.Server") ?? NullLogger.Instance;
        _clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _shutdown = new Shutdown(services, options.ShutdownGrace, _clock);
        IRequestObserver[] observers = [_pace, new RequestLog(_logger), .. services.GetServices<IRequestObserver>()];
        _ledger = new RequestLedger(observers, _clock, options, options.LogPrompts ? prompt => LogPrompt(_logger, prompt) : null);
        _gate = new RequestGate(options, _clock);
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(Dispose);
        Guard = new EndpointGuard(options, _ledger, services);
    }

    public IModelCatalog Models { get; }

    public LlamaServerOptions Options { get; }

    /// <summary>What comes before every endpoint.</summary>
    public EndpointGuard Guard { get; }

    /// <summary>The time, in seconds since 1970.</summary>
    public long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>
    /// Makes a handler whose exceptions are answered with errors in the form of the endpoint (<see cref="ErrorForm"/>). Each request has a <see cref="RequestRecord"/>, which counts the tokens of all
    /// model calls of the request and is passed to the observers at its end.
    /// </summary>
    /// <param name="promptField">The field of the request that contains the prompt.</param>
    /// <param name="handle">
    /// Answers a request. Its token is cancelled when the client disconnects, and when the time that a stopping server gives to running requests is over.
    /// </param>
    public RequestDelegate Handle(string promptField, Func<HttpContext, CancellationToken, Task> handle) => async context =>
    {
        RequestRecord record = _ledger.Begin(context, ApiKeyHandler.KeyNameOf(context.User));
        RequestUsage.Current = record;
        try
        {
            await AnswerAsync(context, record, promptField, handle).ConfigureAwait(false);
        }
        finally
        {
            _ledger.End(record, context);
        }
    };

    /// <summary>Adds an observer of requests. Called before the first request.</summary>
    public void Observe(IRequestObserver observer) => _ledger.Add(observer);

    /// <summary>Finds the error to report, and logs it if the server is at fault.</summary>
    public Failure FailureOf(Exception exception, string promptField)
    {
        var record = RequestUsage.Current as RequestRecord;
        if (exception is OperationCanceledException && record is { Deadline.IsCancellationRequested: true })
            exception = RequestException.SlowAnswer(Options.RequestTimeout!.Value);
        Failure failure = Failure.Of(exception, promptField);
        // The exception's message is not logged: it may quote the prompt.
        if (failure.IsFault)
            LogFault(_logger, exception.GetType().FullName, exception.StackTrace);
        record?.ErrorCode = failure.Error.Code;
        return failure;
    }

    /// <summary>Called when the application has stopped.</summary>
    public void Dispose() => _gate.Dispose();

    private async Task AnswerAsync(HttpContext context, RequestRecord record, string promptField, Func<HttpContext, CancellationToken, Task> handle)
    {
        using CancellationTokenSource? deadline = Options.RequestTimeout is { } limit ? new CancellationTokenSource(limit, _clock) : null;
        record.Deadline = deadline?.Token ?? CancellationToken.None;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _shutdown.Ending, record.Deadline);
        RequestPermit permit = default;
        try
        {
            if (_shutdown.HasBegun)
                throw Refuse(context);
            permit = _gate.Admit(context);
            await handle(context, ending.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every exception is answered, and those that are faults are logged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // A client that leaves cancels its own request: nothing failed.
            if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
                return;
            Failure failure = FailureOf(exception, promptField);
            if (context.RequestAborted.IsCancellationRequested)
                return;
            if (context.Response.HasStarted)
                context.Abort();
            else
                await RefuseAsync(context, failure).ConfigureAwait(false);
        }
        finally
        {
            permit.Charge(record);
            permit.Dispose();
        }
    }

    // The client's next request should use another connection, which another instance of the server may accept.
    private static RequestException Refuse(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return RequestException.ShuttingDown();
    }

    private Task RefuseAsync(HttpContext context, Failure failure)
    {
        if (failure.InvitesRetry && context.Response.Headers.RetryAfter.Count == 0)
            context.Response.Headers.RetryAfter = _pace.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return ErrorForm.WriteAsync(context, failure);
    }

    [LoggerMessage(6, LogLevel.Information, "Prompt: {Prompt}")]
    private static partial void LogPrompt(ILogger logger, string prompt);

    [LoggerMessage(1, LogLevel.Error, "A request failed with {ExceptionType}\n{StackTrace}")]
    private static partial void LogFault(ILogger logger, string? exceptionType, string? stackTrace);
}
