using System.Globalization;

namespace Llama2.Cli.Evaluating;

/// <summary>A figure in a table for people.</summary>
internal static class TableFigure
{
    /// <summary>Returns the figure with four decimals or in another format; <c>-</c> if it is null or not a number, because it is not defined.</summary>
    public static string Format(double? value, string format = "F4")
        => value is { } number && !double.IsNaN(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "-";
}
