using System.Globalization;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>Figures as people read them, and the confidence intervals around them.</summary>
internal static class Figures
{
    /// <summary>The number of standard errors on each side of a 95 % confidence interval of a normal distribution.</summary>
    public const double ConfidenceFactor = 1.959964;

    // The prefixes of the names of means that are shares of examples or answers, or are usually given in percent.
    private static readonly string[] s_shares =
    [
        "acc", "exact_match", "em", "f1", "pass", "mc1", "mc2", "contains", "pct_stereotype", "full_refusal", "partial_refusal", "safe_", "unsafe_", "positive",
        "negative", "toxic",
    ];

    /// <summary>Whether a metric is a share, which is shown in percent.</summary>
    public static bool IsShare(TaskMetric metric, double value)
        => (metric.Aggregation.Name is "mean" or "f1") && value is >= 0 and <= 1
            && s_shares.Any(name => metric.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value of a metric, such as <c>62.5 %</c> or <c>12.34</c>.</summary>
    public static string Value(TaskMetric metric, double value) => IsShare(metric, value) ? Percent(value) : Number(value);

    /// <summary>Half of the width of a 95 % confidence interval, such as <c>± 6.7</c>; empty if there is none.</summary>
    public static string Radius(TaskMetric metric, double value, double? radius)
        => radius is not { } width ? "" : $"± {(IsShare(metric, value) ? (100 * width).ToString("F1", CultureInfo.InvariantCulture) : Number(width))}";

    public static double? Radius(MetricResult result) => ConfidenceFactor * result.StandardError;

    public static string Percent(double value) => value.ToString("0.0 %", CultureInfo.InvariantCulture);

    public static string Number(double value)
        => double.IsNaN(value) ? "not defined" : Math.Abs(value) is >= 1e6 or (< 1e-3 and > 0) ? value.ToString("0.###e0", CultureInfo.InvariantCulture) : value.ToString("#,0.####", CultureInfo.InvariantCulture);

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun, such as <c>1 example</c> or <c>200 examples</c>.</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A probability of a test, such as <c>0.021</c> or <c>&lt; 0.0001</c>.</summary>
    public static string Probability(double value) => value < 0.0001 ? "< 0.0001" : value.ToString(value < 0.01 ? "F4" : "F3", CultureInfo.InvariantCulture);

    /// <summary>A time, such as <c>4.2 s</c> or <c>2 h 5 min</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s")
        : time.TotalMinutes < 60 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours):N0} h {time.Minutes} min");
}
