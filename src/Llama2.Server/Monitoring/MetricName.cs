using System.Text;

namespace Llama2.Server.Monitoring;

/// <summary>Prometheus' names, made from those of OpenTelemetry's instruments by OpenTelemetry's rules: characters, unit and the end of a counter's name.</summary>
internal static class MetricName
{
    /// <summary>The name of a metric, such as <c>http_server_request_duration_seconds</c>.</summary>
    /// <param name="instrument">The instrument's name, such as <c>http.server.request.duration</c>.</param>
    /// <param name="unit">Its unit in UCUM, such as <c>s</c>; null if it has none.</param>
    /// <param name="kind">The kind of the metric.</param>
    public static string Of(string instrument, string? unit, MetricKind kind)
    {
        string name = Sanitize(instrument), suffix = UnitOf(unit ?? "", kind);
        if (kind == MetricKind.Counter && name.EndsWith("_total", StringComparison.Ordinal))
            name = name[..^"_total".Length];
        if (suffix.Length > 0 && name != suffix && !name.EndsWith("_" + suffix, StringComparison.Ordinal))
            name = $"{name}_{suffix}";
        return kind == MetricKind.Counter ? name + "_total" : name;
    }

    /// <summary>Whether a character may be in the name of a metric or label, but not at its beginning if it is a digit.</summary>
    public static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    private static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        if (char.IsAsciiDigit(name[0]))
            text.Append('_');
        foreach (char character in name)
        {
            bool isAllowed = IsAllowed(character);
            // Of several characters in a row that are not allowed, one underscore remains.
            if (isAllowed || text.Length == 0 || text[^1] != '_')
                text.Append(isAllowed ? character : '_');
        }

        return text.ToString();
    }

    // A unit in braces, such as {token}, is only a remark.
    private static string UnitOf(string unit, MetricKind kind)
    {
        string[] parts = unit.Split('/', 2);
        string counted = WordOf(parts[0], kind);
        return parts.Length < 2 ? counted : string.Join('_', ((string[])[counted, "per", WordOf(parts[1], kind) is "seconds" ? "second" : Sanitize(parts[1])]).Where(word => word.Length > 0));
    }

    private static string WordOf(string unit, MetricKind kind) => unit switch
    {
        "" or ['{', ..] => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" => kind == MetricKind.Gauge ? "ratio" : "",
        _ => Sanitize(unit),
    };
}
