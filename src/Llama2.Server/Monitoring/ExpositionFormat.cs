using Microsoft.Net.Http.Headers;

namespace Llama2.Server.Monitoring;

/// <summary>The two formats in which Prometheus reads metrics.</summary>
/// <param name="ContentType">The value of the header Content-Type.</param>
/// <param name="IsOpenMetrics">Whether the format is OpenMetrics.</param>
internal sealed record ExpositionFormat(string ContentType, bool IsOpenMetrics)
{
    private const string OpenMetricsType = "application/openmetrics-text";

    /// <summary>Prometheus' text format.</summary>
    public static ExpositionFormat Text { get; } = new("text/plain; version=0.0.4; charset=utf-8", IsOpenMetrics: false);

    /// <summary>OpenMetrics.</summary>
    public static ExpositionFormat OpenMetrics { get; } = new($"{OpenMetricsType}; version=1.0.0; charset=utf-8", IsOpenMetrics: true);

    /// <summary>The format that a client prefers; the text format for clients that do not name OpenMetrics.</summary>
    public static ExpositionFormat Choose(IList<MediaTypeHeaderValue> accepted)
    {
        double openMetrics = accepted.Where(type => type.MediaType.Equals(OpenMetricsType, StringComparison.OrdinalIgnoreCase)).Select(QualityOf).DefaultIfEmpty(0).Max();
        double text = accepted.Where(type => type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase)).Select(QualityOf).DefaultIfEmpty(0).Max();
        return openMetrics > 0 && openMetrics >= text ? OpenMetrics : Text;
    }

    private static double QualityOf(MediaTypeHeaderValue type) => type.Quality ?? 1;
}
