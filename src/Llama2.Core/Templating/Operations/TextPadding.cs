using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Pads texts to a width in characters.</summary>
internal static class TextPadding
{
    /// <summary>The text with padding before and after it.</summary>
    /// <param name="context">The rendering.</param>
    /// <param name="text">The text.</param>
    /// <param name="width">The minimum length of the result in characters.</param>
    /// <param name="alignment">
    /// The position of the text: &lt; for the start, &gt; for the end, ^ for the middle (if the number of fill characters is odd, the extra one is put after the
    /// text), or c for Python's <c>center</c>.
    /// </param>
    /// <param name="filling">The fill character: a text of one character.</param>
    public static TextValue Pad(RenderContext context, TextValue text, long width, char alignment, TextValue filling)
    {
        int count = new CodePoints(context, text.Text).Count;
        if (width <= count)
            return text;
        long missing = width - count;
        long before = alignment switch
        {
            '<' => 0,
            '>' => missing,
            '^' => missing / 2,
            // If the number of fill characters and the width are both odd, CPython's center puts the extra fill character before the text.
            _ => (missing / 2) + (missing & width & 1),
        };
        TextValue padded = TextValue.Concatenate(context, [filling.Repeat(context, before), text, filling.Repeat(context, missing - before)]);
        return padded.WithMarkup(text.IsMarkup);
    }

    /// <summary>Python's <c>ljust</c>, <c>rjust</c> and <c>center</c>.</summary>
    public static TextValue Justify(RenderContext context, TextValue text, CallArguments arguments, string function, char alignment)
    {
        TemplateValue?[] bound = arguments.BindPositional(context, function, 1, 2);
        TextValue filling = bound[1] is null ? TextValue.Own(" ") : HtmlText.For(context, text, PythonText.Require(context, bound[1], $"{function}'s fill character"));
        if (new CodePoints(context, filling.Text).Count != 1)
            throw context.Fault($"{function} fills with a text of {filling.Text.Length} characters", "it must be one character");
        return Pad(context, text, Numbers.Require(context, bound[0], $"{function}'s width", 0), alignment, filling);
    }

    /// <summary>Python's <c>zfill</c>: pads with zeros after the sign.</summary>
    public static TextValue FillWithZeros(RenderContext context, TextValue text, CallArguments arguments)
    {
        long width = Numbers.Require(context, arguments.BindPositional(context, "zfill()", 1, 1)[0], "zfill()'s width", 0);
        int signLength = text.Text is ['+' or '-', ..] ? 1 : 0;
        TextValue digits = Pad(context, text.Slice(context, signLength, text.Text.Length - signLength), width - signLength, '>', TextValue.Own("0"));
        return TextValue.Concatenate(context, [text.Slice(context, 0, signLength), digits]).WithMarkup(text.IsMarkup);
    }

    /// <summary>Python's <c>expandtabs</c>: replaces each tab by blanks up to the next column that is a multiple of the tab size.</summary>
    public static TextValue ExpandTabs(RenderContext context, TextValue text, CallArguments arguments)
    {
        long size = Numbers.Require(context, arguments.Bind(context, "expandtabs()", 0, "tabsize")[0], "expandtabs()'s tabsize", 8);
        context.ChargeCharacters(text.Text.Length);
        var builder = new TextBuilder(context);
        long column = 0;
        int copied = 0;
        for (int i = 0; i < text.Text.Length; i += CodePoints.UnitCount(text.Text, i))
        {
            if (text.Text[i] != '\t')
            {
                column = text.Text[i] is '\n' or '\r' ? 0 : column + 1;
                continue;
            }

            long blanks = size > 0 ? size - (column % size) : 0;
            builder.Append(text, copied, i - copied);
            builder.Fill(' ', blanks, isData: text.CountData(i, i + 1) > 0);
            column += blanks;
            copied = i + 1;
        }

        builder.Append(text, copied, text.Text.Length - copied);
        return builder.ToValue().WithMarkup(text.IsMarkup);
    }
}
