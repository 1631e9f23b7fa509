using System.Buffers;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Escapes text for HTML, like the package markupsafe, which jinja2 uses.</summary>
internal static class HtmlText
{
    // The number of characters that are charged for an entity, because inserting an entity takes about 100 ns.
    private const int EntityCost = 24;

    private static readonly SearchValues<char> s_special = SearchValues.Create("&<>'\"");

    /// <summary>The text as safe HTML: unchanged if it is already safe, otherwise with entities for characters that have a meaning in HTML.</summary>
    public static TextValue Escape(RenderContext context, TextValue text)
    {
        if (text.IsMarkup)
            return text;
        context.ChargeScan(text.Text.Length);
        if (!text.Text.AsSpan().ContainsAny(s_special))
            return text.WithMarkup(true);

        var builder = new TextBuilder(context);
        int copied = 0;
        for (int found = Next(0); found >= 0; found = Next(copied))
        {
            context.ChargeCharacters(EntityCost);
            builder.Append(text, copied, found - copied);
            builder.Append(Entity(text.Text[found]), isData: text.CountData(found, found + 1) > 0);
            copied = found + 1;
        }

        builder.Append(text, copied, text.Text.Length - copied);
        return builder.ToValue().WithMarkup(true);

        int Next(int start)
        {
            int index = text.Text.AsSpan(start).IndexOfAny(s_special);
            return index < 0 ? -1 : start + index;
        }
    }

    /// <summary>Concatenates two texts. If one of them is safe HTML, the other is escaped unless it is safe too, and the result is safe.</summary>
    public static TextValue Add(RenderContext context, TextValue first, TextValue second) =>
        first.IsMarkup || second.IsMarkup
            ? TextValue.Concatenate(context, [Escape(context, first), Escape(context, second)]).WithMarkup(true)
            : TextValue.Concatenate(context, [first, second]);

    /// <summary>A text that can be inserted into another text: it is escaped if the other text is safe HTML.</summary>
    public static TextValue For(RenderContext context, TextValue receiver, TextValue text) => receiver.IsMarkup ? Escape(context, text) : text;

    private static string Entity(char character) => character switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '\'' => "&#39;",
        _ => "&#34;",
    };
}
