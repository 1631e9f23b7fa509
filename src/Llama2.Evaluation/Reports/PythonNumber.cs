using System.Globalization;

namespace Llama2.Evaluation.Reports;

/// <summary>Numbers as Python's <c>str</c> writes them, which is how the harness stores log-likelihoods.</summary>
internal static class PythonNumber
{
    public static string Format(double value)
        => double.IsNaN(value) ? "nan"
            : double.IsInfinity(value) ? value > 0 ? "inf" : "-inf"
            : value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant() is var text && text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0";

    public static bool TryParse(string text, out double value)
    {
        value = text switch { "nan" => double.NaN, "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, _ => 0 };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
