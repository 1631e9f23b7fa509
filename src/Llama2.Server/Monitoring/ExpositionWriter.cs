using System.Buffers;
using System.Globalization;
using System.Text;

namespace Llama2.Server.Monitoring;

/// <summary>Writes metrics as text: Prometheus' format 0.0.4 or OpenMetrics 1.0.0, which differ in the names of counters' descriptions and at the end.</summary>
/// <param name="output">Gets the text in UTF-8.</param>
/// <param name="isOpenMetrics">Whether the format is OpenMetrics.</param>
internal sealed class ExpositionWriter(IBufferWriter<byte> output, bool isOpenMetrics)
{
    private const string TotalSuffix = "_total";

    /// <summary>Writes a metric.</summary>
    public void Write(MetricFamily family, IReadOnlyList<MetricSeries> series)
    {
        string described = isOpenMetrics && family.Kind == MetricKind.Counter ? family.Name[..^TotalSuffix.Length] : family.Name;
        if (family.Help is { Length: > 0 } help)
            Append($"# HELP {described} {Escape(help)}\n");
        Append($"# TYPE {described} {NameOf(family.Kind)}\n");
        foreach (MetricSeries one in series)
        {
            if (family.Kind == MetricKind.Histogram)
                WriteHistogram(family, one);
            else
                Append($"{family.Name}{Braces(one.Labels)} {Format(one.Value)}\n");
        }
    }

    /// <summary>Writes the end.</summary>
    public void End()
    {
        if (isOpenMetrics)
            Append("# EOF\n");
    }

    private void WriteHistogram(MetricFamily family, MetricSeries series)
    {
        string prefix = series.Labels.Length > 0 ? series.Labels + "," : "";
        long count = 0;
        for (int i = 0; i < series.Buckets.Length; i++)
        {
            count += series.Buckets[i];
            string boundary = i < family.Boundaries.Count ? FormatBoundary(family.Boundaries[i]) : "+Inf";
            Append(string.Create(CultureInfo.InvariantCulture, $"{family.Name}_bucket{{{prefix}le=\"{boundary}\"}} {count}\n"));
        }

        Append($"{family.Name}_sum{Braces(series.Labels)} {Format(series.Value)}\n");
        Append(string.Create(CultureInfo.InvariantCulture, $"{family.Name}_count{Braces(series.Labels)} {count}\n"));
    }

    private static string Braces(string labels) => labels.Length > 0 ? $"{{{labels}}}" : "";

    private static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    // OpenMetrics writes whole numbers as 1.0 here.
    private static string FormatBoundary(double value) => Format(value) is var text && text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";

    private string Escape(string help)
    {
        string escaped = help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return isOpenMetrics ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, output);
}
