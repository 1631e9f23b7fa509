using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>Splits texts into parts. Characters that are data (that come from the conversation) remain data.</summary>
internal static class TextSplitting
{
    /// <summary>
    /// Python's <c>split</c> and <c>rsplit</c>: split at the given separator or, if none is given, at white space. Splitting at white space makes no
    /// empty parts.
    /// </summary>
    public static ListValue Split(RenderContext context, TextValue text, CallArguments arguments, string function, bool fromEnd)
    {
        TemplateValue?[] bound = arguments.Bind(context, function, 0, "sep", "maxsplit");
        long limit = Numbers.Require(context, bound[1], $"{function}'s maxsplit", -1);
        TextValue? separator = bound[0] is null or NoneValue ? null : PythonText.Require(context, bound[0], $"{function}'s separator");
        if (separator?.Text.Length == 0)
            throw context.Fault($"{function} has an empty separator", "it must have at least one character");

        var parts = new List<TemplateValue>();
        if (separator is null)
            SplitAtSpace(context, text, limit, fromEnd, parts);
        else if (fromEnd)
            SplitFromEnd(context, text, separator.Text, limit, parts);
        else
            SplitFromStart(context, text, separator.Text, limit, parts);
        if (fromEnd)
            parts.Reverse();
        return new ListValue([.. parts]);
    }

    /// <summary>Python's <c>partition</c> and <c>rpartition</c>: the text before a separator, the separator, and the text after it.</summary>
    public static ListValue Partition(RenderContext context, TextValue text, CallArguments arguments, string function, bool fromEnd)
    {
        TextValue separator = PythonText.Require(context, arguments.BindPositional(context, function, 1, 1)[0], $"{function}'s separator");
        if (separator.Text.Length == 0)
            throw context.Fault($"{function} has an empty separator", "it must have at least one character");
        var search = new TextSearch(context, text.Text, separator.Text, isBackward: fromEnd);
        int found = fromEnd ? search.Last(0, text.Text.Length) : search.First(0, text.Text.Length);
        context.Step(3 * Iteration.TextStepCount);
        TextValue nothing = TextValue.Empty.WithMarkup(text.IsMarkup);
        if (found < 0)
            return fromEnd ? ListValue.Tuple(nothing, nothing, text) : ListValue.Tuple(text, nothing, nothing);
        int behind = found + separator.Text.Length;
        return ListValue.Tuple(
            text.Slice(context, 0, found),
            separator.WithMarkup(text.IsMarkup),
            text.Slice(context, behind, text.Text.Length - behind));
    }

    /// <summary>The lines of a text. A line break at the end of the text does not begin another line.</summary>
    public static List<TextValue> Lines(RenderContext context, TextValue text, bool keepsEnds)
    {
        context.ChargeCharacters(text.Text.Length);
        var lines = new List<TextValue>();
        int start = 0;
        while (start < text.Text.Length)
        {
            int end = start;
            while (end < text.Text.Length && !PythonSpace.IsLineBreak(text.Text[end]))
                end++;
            int next = end + (end == text.Text.Length ? 0 : text.Text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
            context.Step(Iteration.TextStepCount);
            lines.Add(text.Slice(context, start, (keepsEnds ? next : end) - start));
            start = next;
        }

        return lines;
    }

    private static void SplitFromStart(RenderContext context, TextValue text, string separator, long limit, List<TemplateValue> parts)
    {
        var search = new TextSearch(context, text.Text, separator);
        int start = 0;
        for (int found = Next(); found >= 0 && parts.Count != limit; found = Next())
        {
            Add(context, text, start, found, parts);
            start = found + separator.Length;
        }

        Add(context, text, start, text.Text.Length, parts);

        int Next() => search.First(start, text.Text.Length);
    }

    private static void SplitFromEnd(RenderContext context, TextValue text, string separator, long limit, List<TemplateValue> parts)
    {
        var search = new TextSearch(context, text.Text, separator, isBackward: true);
        int end = text.Text.Length;
        for (int found = Next(); found >= 0 && parts.Count != limit; found = Next())
        {
            Add(context, text, found + separator.Length, end, parts);
            end = found;
        }

        Add(context, text, 0, end, parts);

        int Next() => search.Last(0, end);
    }

    private static void SplitAtSpace(RenderContext context, TextValue text, long limit, bool fromEnd, List<TemplateValue> parts)
    {
        context.ChargeCharacters(text.Text.Length);
        int start = 0, end = text.Text.Length;
        while (true)
        {
            while (start < end && PythonSpace.Is(text.Text[fromEnd ? end - 1 : start]))
                _ = fromEnd ? end-- : start++;
            if (start == end)
                return;

            int from = start, to = end;
            if (parts.Count == limit)
            {
                // The last part is the rest of the text, without the white space at its start or, if the search is from the end, at its end.
                Add(context, text, from, to, parts);
                return;
            }

            if (fromEnd)
            {
                while (end > start && !PythonSpace.Is(text.Text[end - 1]))
                    end--;
                Add(context, text, end, to, parts);
            }
            else
            {
                while (start < end && !PythonSpace.Is(text.Text[start]))
                    start++;
                Add(context, text, from, start, parts);
            }
        }
    }

    private static void Add(RenderContext context, TextValue text, int start, int end, List<TemplateValue> parts)
    {
        context.Step(Iteration.TextStepCount);
        parts.Add(text.Slice(context, start, end - start));
    }
}
