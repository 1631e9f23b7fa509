using System.Buffers;
using Llama2.Server.Endpoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Llama2.Server.Monitoring;

/// <summary><c>GET /metrics</c>.</summary>
internal sealed partial class MetricsEndpoint(MetricCollector collector, ILogger logger)
{
    /// <summary>Begins to collect metrics, until the application has stopped.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="endpoints">The endpoints whose requests are counted.</param>
    public static MetricsEndpoint Start(IServiceProvider services, EndpointServices endpoints)
    {
        var collector = new MetricCollector(services);
        endpoints.Observe(new TokenUsageObserver(ServerInstruments.Create(services)));
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(collector.Dispose);
        return new MetricsEndpoint(collector, services.GetService<ILoggerFactory>()?.CreateLogger(ServerInstruments.MeterName) ?? NullLogger.Instance);
    }

    /// <summary>Writes the metrics, even while the application stops.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ExpositionFormat format = ExpositionFormat.Choose(context.Request.GetTypedHeaders().Accept);
        var text = new ArrayBufferWriter<byte>();
        var writer = new ExpositionWriter(text, format.IsOpenMetrics);
        IReadOnlyList<(MetricFamily, MetricSeries[])> metrics = collector.Read(out AggregateException? faults);
        foreach ((MetricFamily family, MetricSeries[] series) in metrics)
            writer.Write(family, series);
        writer.End();
        foreach (Exception fault in faults?.InnerExceptions ?? [])
            LogFault(logger, fault.GetType().FullName);

        context.Response.ContentType = format.ContentType;
        context.Response.ContentLength = text.WrittenCount;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        await context.Response.BodyWriter.WriteAsync(text.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    [LoggerMessage(20, LogLevel.Warning, "The metrics of an instrument could not be read: {ExceptionType}")]
    private static partial void LogFault(ILogger logger, string? exceptionType);
}
