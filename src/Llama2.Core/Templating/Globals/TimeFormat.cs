using System.Globalization;
using System.Text;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Globals;

/// <summary>
/// The function <c>strftime_now</c>: the local time, formatted in English as glibc's <c>strftime</c> formats it. If the format comes from the
/// conversation, the result is data.
/// </summary>
internal static class TimeFormat
{
    private const int MaxLength = 1000;

    public static TextValue Format(RenderContext context, TextValue format)
    {
        if (format.Text.Length > MaxLength)
            throw context.Fault($"the format of strftime_now has {format.Text.Length} characters", $"at most {MaxLength} are allowed");
        context.ChargeText(format.Text.Length, 0);
        DateTime now = context.Clock.GetLocalNow().DateTime;
        var text = new StringBuilder();
        for (int i = 0; i < format.Text.Length; i++)
        {
            if (format.Text[i] != '%')
                text.Append(format.Text[i]);
            else
                i = AppendPart(context, text, now, format.Text, i);
        }

        context.ChargeText(text.Length, 0);
        return format.HasData ? TextValue.OfData(text.ToString()) : TextValue.Own(text.ToString());
    }

    // Appends the conversion at an offset of the format, and returns the offset of the conversion's last character. Text that is not a conversion is
    // copied unchanged.
    private static int AppendPart(RenderContext context, StringBuilder text, DateTime now, string format, int start)
    {
        int i = start + 1;
        char padding = '\0';
        bool isUpper = false, isSwapped = false;
        for (; i < format.Length && format[i] is ('-' or '_' or '0' or '^' or '#'); i++)
            (padding, isUpper, isSwapped) = format[i] switch { '^' => (padding, true, isSwapped), '#' => (padding, isUpper, true), var flag => (flag, isUpper, isSwapped) };
        int width = 0;
        for (; i < format.Length && char.IsAsciiDigit(format[i]); i++)
            width = Math.Min((10 * width) + (format[i] - '0'), MaxLength);
        if (i < format.Length && format[i] is ('E' or 'O'))
            i++;
        if (i >= format.Length || Part(now, format[i]) is not (string part, char ownPadding, int ownWidth))
        {
            text.Append(format, start, Math.Min(i + 1, format.Length) - start);
            return Math.Min(i, format.Length - 1);
        }

        char fill = padding switch { '-' => '\0', '_' => ' ', '0' => '0', _ => ownPadding == '\0' ? ' ' : ownPadding };
        if (ownPadding != '\0' || width > 0)
            part = fill == '\0' ? part : part.PadLeft(Math.Max(width, ownPadding == '\0' ? 0 : ownWidth), fill);
        if (isUpper || (isSwapped && format[i] is ('a' or 'A' or 'b' or 'B' or 'h')))
            part = part.ToUpperInvariant();
        else if (isSwapped && format[i] is ('p' or 'Z'))
            part = part.ToLowerInvariant();
        text.Append(part);
        context.Step();
        return i;
    }

    // A part without padding, the character with which it is padded (NUL for none), and the minimum width.
    private static (string Part, char Padding, int Width)? Part(DateTime now, char letter) => letter switch
    {
        'a' => Text(now, "ddd"),
        'A' => Text(now, "dddd"),
        'b' or 'h' => Text(now, "MMM"),
        'B' => Text(now, "MMMM"),
        'c' => ($"{Written(now, "ddd MMM ")}{now.Day,2} {Written(now, "HH:mm:ss yyyy")}", '\0', 0),
        'C' => Number(now.Year / 100, 2),
        'd' => Number(now.Day, 2),
        'D' or 'x' => Text(now, "MM/dd/yy"),
        'e' => (Digits(now.Day), ' ', 2),
        'f' => (Digits(now.Ticks % TimeSpan.TicksPerSecond / 10).PadLeft(6, '0'), '\0', 0),
        'F' => Text(now, "yyyy-MM-dd"),
        'g' => Number(ISOWeek.GetYear(now) % 100, 2),
        'G' => (Digits(ISOWeek.GetYear(now)), '\0', 0),
        'H' => Number(now.Hour, 2),
        'I' => Number(((now.Hour + 11) % 12) + 1, 2),
        'j' => Number(now.DayOfYear, 3),
        'k' => (Digits(now.Hour), ' ', 2),
        'l' => (Digits(((now.Hour + 11) % 12) + 1), ' ', 2),
        'm' => Number(now.Month, 2),
        'M' => Number(now.Minute, 2),
        'n' => ("\n", '\0', 0),
        'p' => Text(now, "tt"),
        'P' => (Written(now, "tt").ToLowerInvariant(), '\0', 0),
        'r' => Text(now, "hh:mm:ss tt"),
        'R' => Text(now, "HH:mm"),
        's' => (Digits(new DateTimeOffset(now).ToUnixTimeSeconds()), '\0', 0),
        'S' => Number(now.Second, 2),
        't' => ("\t", '\0', 0),
        'T' or 'X' => Text(now, "HH:mm:ss"),
        'u' => (Digits(now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek), '\0', 0),
        // U and W: the week of the year, where weeks begin on Sunday (U) or Monday (W). The days before the first Sunday or Monday are in week 0.
        'U' => Number((now.DayOfYear + 6 - (int)now.DayOfWeek) / 7, 2),
        'V' => Number(ISOWeek.GetWeekOfYear(now), 2),
        'w' => (Digits((int)now.DayOfWeek), '\0', 0),
        'W' => Number((now.DayOfYear + 6 - (((int)now.DayOfWeek + 6) % 7)) / 7, 2),
        'y' => Number(now.Year % 100, 2),
        'Y' => (Digits(now.Year), '\0', 0),
        // datetime.now() has no time zone.
        'z' or 'Z' => ("", '\0', 0),
        '%' => ("%", '\0', 0),
        _ => null,
    };

    private static (string Part, char Padding, int Width) Text(DateTime now, string pattern) => (Written(now, pattern), '\0', 0);

    private static (string Part, char Padding, int Width) Number(long value, int width) => (Digits(value), '0', width);

    private static string Written(DateTime now, string pattern) => now.ToString(pattern, CultureInfo.InvariantCulture);

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
