namespace Llama2.Server.Monitoring;

/// <summary>Prometheus' kinds of metrics.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value that can rise and fall.</summary>
    Gauge,

    /// <summary>Counts of values by size.</summary>
    Histogram,
}
