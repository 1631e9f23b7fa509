using System.Numerics;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>Methods that search for a part in a whole text, or between two positions of the text.</summary>
internal static class TextSearching
{
    public static BooleanValue Begins(RenderContext context, TextValue text, CallArguments arguments, string function, bool atEnd)
    {
        TemplateValue?[] bound = arguments.BindPositional(context, function, 1, 3);
        (int start, int end) = Range(context, text, bound, function);
        ReadOnlySpan<TemplateValue> affixes = bound[0] is ListValue { Kind: ListKind.Tuple } tuple ? tuple.Items : [bound[0]!];
        foreach (TemplateValue affix in affixes)
        {
            context.Step();
            string sought = PythonText.Require(context, affix, $"the text that {function} looks for").Text;
            if (start <= end && Has(context, text.Text.AsSpan(start, end - start), sought, atEnd))
                return BooleanValue.Of(true);
        }

        return BooleanValue.Of(false);
    }

    public static TextValue Remove(RenderContext context, TextValue text, CallArguments arguments, string function, bool atEnd)
    {
        TextValue affix = PythonText.Require(context, arguments.BindPositional(context, function, 1, 1)[0], $"the text that {function} removes");
        return Has(context, text.Text, affix.Text, atEnd) ? text.Slice(context, atEnd ? 0 : affix.Text.Length, text.Text.Length - affix.Text.Length) : text;
    }

    /// <summary>Python's <c>find</c>, <c>index</c>, <c>rfind</c> and <c>rindex</c>. The positions that they return are counted in characters.</summary>
    public static TemplateValue Find(RenderContext context, TextValue text, CallArguments arguments, string function, bool fromEnd, bool isRequired)
    {
        TemplateValue?[] bound = arguments.BindPositional(context, function, 1, 3);
        string part = PythonText.Require(context, bound[0], $"the text that {function} looks for").Text;
        (int start, int end) = Range(context, text, bound, function);
        int unit = -1;
        if (start <= end)
        {
            var search = new TextSearch(context, text.Text, part, isBackward: fromEnd);
            unit = fromEnd ? search.Last(start, end) : search.First(start, end);
        }

        if (unit < 0 && isRequired)
            throw context.Fault($"{function} looks for a text that does not occur", remedy: "use find(), which then returns -1");
        return IntegerValue.Of(unit <= 0 ? unit : new CodePoints(context, text.Text).IndexOf(unit));
    }

    public static int Count(RenderContext context, TextValue text, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.BindPositional(context, "count()", 1, 3);
        string part = PythonText.Require(context, bound[0], "the text that count() looks for").Text;
        (int start, int end) = Range(context, text, bound, "count()");
        if (start > end)
            return 0;
        if (part.Length == 0)
        {
            var characters = new CodePoints(context, text.Text);
            return characters.IndexOf(end) - characters.IndexOf(start) + 1;
        }

        var search = new TextSearch(context, text.Text, part);
        int count = 0;
        for (int found = search.First(start, end); found >= 0; found = search.First(found + part.Length, end))
            count++;
        return count;
    }

    private static bool Has(RenderContext context, ReadOnlySpan<char> text, string affix, bool atEnd)
    {
        context.ChargeScan(Math.Min(affix.Length, text.Length));
        return atEnd ? text.EndsWith(affix, StringComparison.Ordinal) : text.StartsWith(affix, StringComparison.Ordinal);
    }

    // The second and third argument as offsets in the text. If the start is after the end, nothing is found.
    private static (int Start, int End) Range(RenderContext context, TextValue text, TemplateValue?[] bound, string function)
    {
        if (bound[1] is (null or NoneValue) && bound[2] is (null or NoneValue))
            return (0, text.Text.Length);
        var characters = new CodePoints(context, text.Text);
        long start = Place(bound[1], 0), end = Math.Min(Place(bound[2], characters.Count), characters.Count);
        return start > characters.Count ? (text.Text.Length + 1, text.Text.Length) : (characters.Start((int)start), characters.Start((int)end));

        long Place(TemplateValue? value, long otherwise)
        {
            BigInteger index = Numbers.Require(context, value is NoneValue ? null : value, $"a bound of {function}", otherwise);
            return (long)BigInteger.Clamp(index < 0 ? index + characters.Count : index, 0, int.MaxValue);
        }
    }
}
