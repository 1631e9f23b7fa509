using System.Globalization;
using Llama2.Templating.Characters;

namespace Llama2.Evaluation.Reports;

/// <summary>Numbers as Python's <c>str</c> writes them, which is how the harness stores log-likelihoods.</summary>
internal static class PythonNumber
{
    public static string Format(double value) => DoubleText.Shortest(value);

    public static bool TryParse(string text, out double value)
    {
        value = text switch { "nan" => double.NaN, "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, _ => 0 };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
