using Llama2.Extensions.Telemetry;
using Llama2.Server.Accounting;
using Llama2.Server.Errors;
using Llama2.Server.Models;
using Llama2.Server.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Llama2.Server.Endpoints;

/// <summary>What all endpoints need. Thread-safe.</summary>
/// <param name="models">The models.</param>
/// <param name="options">The options of the endpoints.</param>
/// <param name="services">The application's services.</param>
internal sealed partial class EndpointServices(IModelCatalog models, LlamaServerOptions options, IServiceProvider services)
{
    private readonly ILogger _logger = services.GetService<ILoggerFactory>()?.CreateLogger("Llama2.Server") ?? NullLogger.Instance;
    private readonly TimeProvider _clock = ClockOf(services);
    private readonly RequestLedger _ledger = new(services.GetServices<IRequestObserver>(), ClockOf(services));
    private readonly Shutdown _shutdown = new(services, options.ShutdownGrace, ClockOf(services));

    public IModelCatalog Models => models;

    public LlamaServerOptions Options => options;

    /// <summary>The number of requests that are being answered, including those that wait.</summary>
    public int ActiveRequestCount => _ledger.ActiveCount;

    /// <summary>The time, in seconds since 1970.</summary>
    public long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>
    /// Makes a handler whose exceptions are answered with errors. Each request has a <see cref="RequestRecord"/>, which counts the tokens of all
    /// model calls of the request and is passed to the observers at its end.
    /// </summary>
    /// <param name="promptField">The field of the request that contains the prompt.</param>
    /// <param name="handle">
    /// Answers a request. Its token is cancelled when the client disconnects, and when the time that a stopping server gives to running requests is over.
    /// </param>
    /// <param name="writeFailure">Writes an error; null for OpenAI's form.</param>
    public RequestDelegate Handle(
        string promptField, Func<HttpContext, CancellationToken, Task> handle, Func<HttpContext, Failure, Task>? writeFailure = null) => async context =>
    {
        RequestRecord record = _ledger.Begin(context, null);
        RequestUsage.Current = record;
        try
        {
            await AnswerAsync(context, promptField, handle, writeFailure).ConfigureAwait(false);
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
        Failure failure = Failure.Of(exception, promptField);
        // The exception's message is not logged: it may quote the prompt.
        if (failure.IsFault)
            LogFault(_logger, exception.GetType().FullName, exception.StackTrace);
        if (RequestUsage.Current is RequestRecord record)
            record.ErrorCode = failure.Error.Code;
        return failure;
    }

    private async Task AnswerAsync(
        HttpContext context, string promptField, Func<HttpContext, CancellationToken, Task> handle, Func<HttpContext, Failure, Task>? writeFailure)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _shutdown.Ending);
        try
        {
            if (_shutdown.HasBegun)
                throw Refuse(context);
            await handle(context, ending.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every exception is answered, and those that are faults are logged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failure failure = FailureOf(exception, promptField);
            if (context.RequestAborted.IsCancellationRequested)
                return;
            if (context.Response.HasStarted)
                context.Abort();
            else
                await (writeFailure?.Invoke(context, failure) ?? JsonAnswer.WriteAsync(context.Response, failure)).ConfigureAwait(false);
        }
    }

    private static TimeProvider ClockOf(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    // The client's next request should use another connection, which another instance of the server may accept.
    private static RequestException Refuse(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return RequestException.ShuttingDown();
    }

    [LoggerMessage(1, LogLevel.Error, "A request failed with {ExceptionType}\n{StackTrace}")]
    private static partial void LogFault(ILogger logger, string? exceptionType, string? stackTrace);
}
