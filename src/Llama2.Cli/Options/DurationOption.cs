using System.CommandLine;
using System.Globalization;
using Llama2.Cli.Output;

namespace Llama2.Cli.Options;

/// <summary>Creates options that take a length of time, such as <c>500ms</c>, <c>30s</c>, <c>10m</c> or <c>2h</c>; a number without a unit is in seconds.</summary>
internal static class DurationOption
{
    private static readonly (string Unit, double Seconds)[] s_units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <param name="name">The option, such as <c>--shutdown</c>.</param>
    /// <param name="description">A line of the help, without the default value.</param>
    /// <param name="defaultText">The default value as a user would write it.</param>
    /// <param name="range">The allowed range in words, for messages: <c>from 0 to 24 hours</c>.</param>
    /// <param name="use">Passes the time to the library; an <see cref="ArgumentException"/> is reported as wrong usage.</param>
    public static Option<TimeSpan?> Create(string name, string description, string defaultText, string range, Func<TimeSpan, object> use) => new(name)
    {
        HelpName = "TIME",
        Description = $"{description} Default: {defaultText}.",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryParse(text, out TimeSpan time) && NumberRange.Takes(use, time))
                return time;
            result.AddError($"{name}: '{PrintableText.Shorten(text, 40)}' is not a time {range}; write it as 500ms, 30s, 10m or 2h.");
            return null;
        },
    };

    /// <summary>Writes a time of whole milliseconds as a user would write it, in its largest unit: <c>90s</c>, but <c>2m</c>.</summary>
    public static string Format(TimeSpan time)
    {
        (string unit, double seconds) = Array.FindLast(s_units, unit => time.TotalMilliseconds % (1000 * unit.Seconds) == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds / (1000 * seconds):0}{unit}");
    }

    /// <summary>Reads a time that is not negative.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        (string unit, double seconds) = Array.Find(s_units, unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        ReadOnlySpan<char> number = unit is null ? text : text.AsSpan(0, text.Length - unit.Length);
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
            return false;
        double total = count * (unit is null ? 1 : seconds);
        // The negation refuses NaN too.
        if (!(total < TimeSpan.MaxValue.TotalSeconds / 2))
            return false;
        time = TimeSpan.FromSeconds(total);
        return true;
    }
}
