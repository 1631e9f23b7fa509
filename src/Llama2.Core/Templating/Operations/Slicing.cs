using System.Numerics;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Slices of texts and lists, with steps and negative bounds, as in Python.</summary>
internal static class Slicing
{
    public static TemplateValue Apply(RenderContext context, TemplateValue value, TemplateValue start, TemplateValue stop, TemplateValue step)
    {
        long stride = Bound(context, step) ?? 1;
        if (stride == 0)
            throw context.Fault("a slice has a step of 0", "a step must be positive or negative");
        return value switch
        {
            UndefinedValue undefined => throw context.Fault(undefined.Reason),
            TextValue text => Slice(context, text, Bound(context, start), Bound(context, stop), stride),
            ListValue { IsIndexed: true } list => Slice(context, list, Bound(context, start), Bound(context, stop), stride),
            _ => throw context.Fault($"a value of type {value.TypeName} is sliced", "only texts and lists can be"),
        };
    }

    private static TextValue Slice(RenderContext context, TextValue text, long? start, long? stop, long step)
    {
        var characters = new CodePoints(context, text.Text);
        (long first, long count) = Range(characters.Count, start, stop, step);
        if (step == 1)
        {
            int from = characters.Start((int)first);
            return text.Slice(context, from, characters.Start((int)(first + count)) - from);
        }

        var builder = new TextBuilder(context);
        for (long i = 0; i < count; i++)
        {
            int index = (int)(first + (i * step)), from = characters.Start(index);
            context.Step();
            builder.Append(text, from, characters.Start(index + 1) - from);
        }

        return builder.ToValue().WithMarkup(text.IsMarkup);
    }

    private static ListValue Slice(RenderContext context, ListValue list, long? start, long? stop, long step)
    {
        (long first, long count) = Range(list.Count, start, stop, step);
        if (list.Bounds is RangeBounds bounds)
        {
            // As in CPython, a slice of a range is a range. Its stop is the value at the position where the slice stops, as if the range continued.
            BigInteger end = stop is long to ? Math.Clamp(to < 0 ? to + list.Count : to, step > 0 ? 0 : -1, step > 0 ? list.Count : list.Count - 1)
                : step > 0 ? list.Count : -1;
            BigInteger begin = start is long from ? Math.Clamp(from < 0 ? from + list.Count : from, step > 0 ? 0 : -1, step > 0 ? list.Count : list.Count - 1)
                : step > 0 ? 0 : list.Count - 1;
            return new RangeBounds(bounds.Start + (begin * bounds.Step), bounds.Start + (end * bounds.Step), bounds.Step * step).ToList(context, (int)count);
        }

        context.Step(count);
        var items = new TemplateValue[count];
        for (long i = 0; i < count; i++)
            items[i] = list.Items[(int)(first + (i * step))];
        return new ListValue(items, list.Kind);
    }

    private static (long First, long Count) Range(int length, long? start, long? stop, long step)
    {
        // A step that is longer than the list selects only the first item. Such a step is clamped, so that sums with it cannot overflow.
        step = Math.Clamp(step, -length - 1L, length + 1L);
        long low = step > 0 ? 0 : -1, high = step > 0 ? length : length - 1;
        long first = start is long from ? Place(from) : step > 0 ? low : high;
        long end = stop is long to ? Place(to) : step > 0 ? high : low;
        long distance = step > 0 ? end - first : first - end;
        return distance <= 0 ? (Math.Max(Math.Min(first, length), 0), 0) : (first, (distance + Math.Abs(step) - 1) / Math.Abs(step));

        long Place(long index) => Math.Clamp(index < 0 ? index + length : index, low, high);
    }

    private static long? Bound(RenderContext context, TemplateValue value) =>
        value is NoneValue ? null : Numbers.Require(context, value, "a bound of a slice", 0);
}
