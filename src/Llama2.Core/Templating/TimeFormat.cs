using System.Globalization;
using System.Text;

namespace Llama2.Templating;

/// <summary>The function <c>strftime_now</c>: the local time in C's notation, in English.</summary>
internal static class TimeFormat
{
    private const int MaxLength = 1000;

    public static string Format(RenderContext context, string format)
    {
        if (format.Length > MaxLength)
            throw context.Fault($"a time's format of {format.Length} characters", $"it has at most {MaxLength}");
        DateTimeOffset now = context.Clock.GetLocalNow();
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            // A minus sign leaves the leading zero away.
            bool isBare = i + 1 < format.Length && format[i + 1] == '-';
            i += isBare ? 2 : 1;
            string part = i < format.Length ? Part(now, format[i]) ?? throw Unknown(format[i].ToString()) : throw Unknown("");
            text.Append(isBare ? part.TrimStart('0') is { Length: > 0 } bare ? bare : "0" : part);
        }

        return text.ToString();

        PromptTemplateException Unknown(string letter) =>
            context.Fault($"'%{letter}' in a time's format", "the letters known are a A b B d D e F H I j m M p S T x X y Y Z %");
    }

    private static string? Part(DateTimeOffset now, char letter)
    {
        string? pattern = letter switch
        {
            'a' => "ddd",
            'A' => "dddd",
            'b' or 'h' => "MMM",
            'B' => "MMMM",
            'd' => "dd",
            'D' or 'x' => "MM/dd/yy",
            'F' => "yyyy-MM-dd",
            'H' => "HH",
            'I' => "hh",
            'm' => "MM",
            'M' => "mm",
            'p' => "tt",
            'S' => "ss",
            'T' or 'X' => "HH:mm:ss",
            'y' => "yy",
            'Y' => "yyyy",
            _ => null,
        };
        return pattern is not null ? now.ToString(pattern, CultureInfo.InvariantCulture) : letter switch
        {
            'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            // datetime.now() knows no zone.
            'Z' => "",
            '%' => "%",
            _ => null,
        };
    }
}
