using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2.Server.Monitoring;

/// <summary>
/// Writes the tags of a measurement as Prometheus' labels: <c>a="1",b="2"</c>, in the order of their names, so that the same tags always give the same text.
/// </summary>
internal static class LabelText
{
    // A measurement with more tags is counted without the later ones. OpenTelemetry's conventions and .NET's own instruments use up to ten.
    private const int MaxCount = 32;

    /// <summary>Appends the labels. A tag without a value is left out, because a label with an empty value means the same as no label.</summary>
    public static void Append(ref DefaultInterpolatedStringHandler text, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<int> order = stackalloc int[MaxCount];
        order = order[..Sort(tags, order)];
        for (int i = 0; i < order.Length; i++)
        {
            string name = tags[order[i]].Key;
            // Names that differ only in characters that are not allowed become one label, which has all of their values.
            bool isSame = i > 0 && Compare(tags[order[i - 1]].Key, name) == 0;
            if (isSame)
            {
                Append(ref text, ';');
            }
            else
            {
                text.AppendLiteral(i > 0 ? "\"," : "");
                AppendName(ref text, name);
                text.AppendLiteral("=\"");
            }

            AppendValue(ref text, tags[order[i]].Value!);
        }

        text.AppendLiteral(order.Length > 0 ? "\"" : "");
    }

    // Insertion sort, which is stable and is fast for the few tags of a measurement.
    private static int Sort(ReadOnlySpan<KeyValuePair<string, object?>> tags, Span<int> order)
    {
        int count = 0;
        for (int tag = 0; tag < tags.Length && count < MaxCount; tag++)
        {
            if (string.IsNullOrEmpty(tags[tag].Key) || tags[tag].Value is null or "")
                continue;
            int place = count++;
            for (; place > 0 && Compare(tags[order[place - 1]].Key, tags[tag].Key) > 0; place--)
                order[place] = order[place - 1];
            order[place] = tag;
        }

        return count;
    }

    private static int Compare(string first, string second)
    {
        for (int i = 0; i < Math.Min(first.Length, second.Length); i++)
        {
            if (Allowed(first[i]).CompareTo(Allowed(second[i])) is not 0 and var order)
                return order;
        }

        return first.Length.CompareTo(second.Length);
    }

    private static char Allowed(char character) => MetricName.IsAllowed(character) ? character : '_';

    private static void AppendName(ref DefaultInterpolatedStringHandler text, string name)
    {
        if (char.IsAsciiDigit(name[0]))
            Append(ref text, '_');
        foreach (char character in name)
            Append(ref text, Allowed(character));
    }

    private static void AppendValue(ref DefaultInterpolatedStringHandler text, object value)
    {
        string written = value switch
        {
            string given => given,
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        foreach (char character in written)
        {
            if (character == '\n')
                text.AppendLiteral("\\n");
            else if (character is '\\' or '"')
                Append(ref text, '\\');
            if (character != '\n')
                Append(ref text, character);
        }
    }

    // A span, because the generic method boxes characters until the JIT has optimized it.
    private static void Append(ref DefaultInterpolatedStringHandler text, char character) => text.AppendFormatted(new ReadOnlySpan<char>(in character));
}
