using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2.Server.Monitoring;

/// <summary>A metric: its name, and its series by their labels. Thread-safe.</summary>
/// <param name="name">The name; the name of a counter ends in <c>_total</c>.</param>
/// <param name="help">What it measures; null if that is not known.</param>
/// <param name="kind">Its kind.</param>
/// <param name="isObservable">Whether its values are read when the metrics are collected, and not reported when they change.</param>
/// <param name="boundaries">The upper boundaries of a histogram's buckets, ascending; empty for other kinds.</param>
internal sealed class MetricFamily(string name, string? help, MetricKind kind, bool isObservable, double[] boundaries)
{
    /// <summary>
    /// The maximum number of series. The measurements of further labels go to one more series, as in OpenTelemetry's SDK: a label with ever new values must not
    /// fill the memory.
    /// </summary>
    public const int MaxSeriesCount = 2000;

    /// <summary>The label of the series for the measurements beyond <see cref="MaxSeriesCount"/>.</summary>
    public const string OverflowLabels = "otel_metric_overflow=\"true\"";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MetricSeries> _series = [];

    public string Name => name;

    public string? Help => help;

    public MetricKind Kind => kind;

    /// <summary>Whether its values are read when the metrics are collected.</summary>
    public bool IsObservable => isObservable;

    public IReadOnlyList<double> Boundaries => boundaries;

    /// <summary>Adds a measurement. Allocates only for new labels.</summary>
    /// <param name="value">The value, or the change of a counter or gauge.</param>
    /// <param name="replaces">Whether the value replaces the value of the series.</param>
    /// <param name="tags">The tags.</param>
    public void Record(double value, bool replaces, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        LabelText.Append(ref labels, tags);
        lock (_gate)
        {
            MetricSeries series = Find(labels.Text);
            series.Value = replaces ? value : series.Value + value;
            if (kind == MetricKind.Histogram)
                series.Buckets[BucketOf(value)]++;
        }

        labels.Clear();
    }

    /// <summary>Removes all series, before observable instruments are read again.</summary>
    public void Clear()
    {
        lock (_gate)
            _series.Clear();
    }

    /// <summary>A copy of the series, in the order of their labels.</summary>
    public MetricSeries[] Read()
    {
        lock (_gate)
            return [.. _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal).Select(series => series.Copy())];
    }

    private MetricSeries Find(ReadOnlySpan<char> labels)
    {
        Dictionary<string, MetricSeries>.AlternateLookup<ReadOnlySpan<char>> lookup = _series.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(labels, out MetricSeries? found))
            return found;
        string key = _series.Count < MaxSeriesCount ? labels.ToString() : OverflowLabels;
        if (!_series.TryGetValue(key, out found))
            _series.Add(key, found = new MetricSeries(key, kind == MetricKind.Histogram ? boundaries.Length + 1 : 0));
        return found;
    }

    // A value that equals a boundary belongs to the bucket below it.
    private int BucketOf(double value)
    {
        int place = Array.BinarySearch(boundaries, value);
        return place >= 0 ? place : ~place;
    }
}
