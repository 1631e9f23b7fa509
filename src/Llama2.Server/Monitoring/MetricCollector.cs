using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Numerics;
using Llama2.Extensions;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Monitoring;

/// <summary>
/// Adds up the measurements of the library, of the server and of the web server since it was created. Measurements come once or a few times for each request, and
/// none for a token. Thread-safe.
/// </summary>
internal sealed class MetricCollector : IDisposable
{
    // The boundaries that OpenTelemetry's SDK uses for histograms without boundaries of their own.
    private static readonly double[] s_defaultBoundaries = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
    // Those of .NET's own instruments that the operator of a server needs.
    private static readonly string[] s_runtime =
    [
        "dotnet.gc.collections", "dotnet.gc.pause.time", "dotnet.gc.heap.total_allocated", "dotnet.gc.last_collection.memory.committed_size",
    ];
    private readonly object? _scope;
    private readonly MeterListener _listener;
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new();
    private readonly Lock _reading = new();

    /// <summary>Creates a collector and starts it.</summary>
    /// <param name="services">The application's services. Instruments of other applications of the process are not counted.</param>
    public MetricCollector(IServiceProvider services)
    {
        _scope = services.GetService<IMeterFactory>();
        _listener = new MeterListener { InstrumentPublished = Enable };
        Listen<int>();
        Listen<long>();
        Listen<double>();
        _listener.Start();
    }

    /// <summary>Reads all metrics that have values, in the order of their names.</summary>
    /// <param name="faults">What the reading of observable instruments threw; null if nothing did.</param>
    public IReadOnlyList<(MetricFamily Family, MetricSeries[] Series)> Read(out AggregateException? faults)
    {
        // One reader at a time: values of observable instruments are removed and read again.
        lock (_reading)
        {
            foreach (MetricFamily family in _families.Values.Where(family => family.IsObservable))
                family.Clear();
            faults = null;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException exception)
            {
                // All other instruments have been read.
                faults = exception;
            }

            return [.. _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal).Select(family => (family, family.Read())).Where(read => read.Item2.Length > 0)];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Listen<T>()
        where T : struct, INumber<T>
        => _listener.SetMeasurementEventCallback<T>(static (instrument, value, tags, state) =>
            ((MetricFamily)state!).Record(double.CreateChecked(value), instrument.IsObservable || instrument is Gauge<T>, tags));

    private void Enable(Instrument instrument, MeterListener listener)
    {
        if (!IsCollected(instrument) || KindOf(instrument) is not { } kind)
            return;
        string name = MetricName.Of(instrument.Name, instrument.Unit, kind);
        MetricFamily family = _families.GetOrAdd(
            name, _ => new MetricFamily(name, instrument.Description, kind, instrument.IsObservable, kind == MetricKind.Histogram ? BoundariesOf(instrument) : []));
        // Two instruments whose names become one in Prometheus cannot both be shown if they measure in different ways.
        if (family.Kind == kind && family.IsObservable == instrument.IsObservable)
            listener.EnableMeasurementEvents(instrument, family);
    }

    private bool IsCollected(Instrument instrument) => instrument.Meter.Name switch
    {
        LlamaTelemetry.Name or ServerInstruments.MeterName or "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel" or "Microsoft.AspNetCore.RateLimiting" =>
            instrument.Meter.Scope == _scope,
        "System.Runtime" => s_runtime.Contains(instrument.Name),
        _ => false,
    };

    private static MetricKind? KindOf(Instrument instrument)
    {
        Type type = instrument.GetType();
        if (!type.IsGenericType)
            return null;
        type = type.GetGenericTypeDefinition();
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
    }

    private static double[] BoundariesOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } boundaries } => [.. boundaries],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } boundaries } => [.. boundaries.Select(boundary => (double)boundary)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } boundaries } => [.. boundaries.Select(boundary => (double)boundary)],
        _ => s_defaultBoundaries,
    };
}
