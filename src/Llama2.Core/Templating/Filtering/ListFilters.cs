using Llama2.Templating.Attributes;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>Filters of values that have items.</summary>
internal static class ListFilters
{
    public static TemplateValue Length(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "length", 0);
        return IntegerValue.Of(Length(context, value, "length"));
    }

    /// <summary>How many characters or items a value has.</summary>
    public static int Length(RenderContext context, TemplateValue value, string filter) => value switch
    {
        TextValue text => new CodePoints(context, text.Text).Count,
        DictionaryValue dictionary => dictionary.Count,
        ListValue list => list.Count,
        LoopValue loop => loop.Count(),
        UndefinedValue undefined => undefined.RefuseIfStrict(context, 0),
        _ => throw context.Fault($"{filter} is given {value.TypeName}", "this type has no length", value is GeneratorValue ? "make a list of it with '|list'" : ""),
    };

    public static TemplateValue First(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "first", 0);
        if (value is TextValue { Text.Length: > 0 } text)
            return Members.Item(context, text.WithMarkup(false), IntegerValue.Of(0));
        if (value is GeneratorValue generator)
            return generator.TryTake(out TemplateValue taken) ? taken : Nothing();
        return Iteration.Items(context, value) is [var first, ..] ? first : Nothing();

        static UndefinedValue Nothing() => new("No first item, sequence was empty.");
    }

    public static TemplateValue Last(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "last", 0);
        if (value is TextValue { Text.Length: > 0 } text)
            return Members.Item(context, text, IntegerValue.Of(-1));
        if (value is GeneratorValue)
            throw context.Fault("last is given a generator", "a generator can be read only from its beginning", "make a list of it with '|list'");
        return Iteration.Items(context, value) is [.., var last] ? last : new UndefinedValue("No last item, sequence was empty.");
    }

    public static TemplateValue ToList(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "list", 0);
        return context.Nest(new ListValue(Iteration.Copy(context, value)));
    }

    public static TemplateValue Items(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "items", 0);
        return new GeneratorValue(context, Go());

        // If the value is not a dict, the exception is thrown only when the first item is requested.
        IEnumerable<TemplateValue> Go()
        {
            if (value is UndefinedValue)
                yield break;
            if (value is not DictionaryValue dictionary)
                throw context.Fault($"items is given {value.TypeName}", "it takes a dict");
            foreach (TemplateValue item in DictionaryMethods.Items(context, dictionary).AsEnumerable())
                yield return item;
        }
    }

    public static TemplateValue Reverse(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "reverse", 0);
        if (value is TextValue)
            return Slicing.Apply(context, value, NoneValue.Instance, NoneValue.Instance, IntegerValue.Of(-1));
        TemplateValue[] reversed = Iteration.Copy(context, value);
        Array.Reverse(reversed);
        return value is GeneratorValue ? new ListValue(reversed) : new GeneratorValue(context, Iteration.Enumerate(context, new ListValue(reversed)));
    }

    public static TemplateValue Join(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "join", 0, "d", "attribute");
        TextValue separator = PythonText.Of(context, bound[0] ?? TextValue.Empty);
        var attribute = AttributePath.Parse(context, bound[1]);
        return TextMethods.Join(context, separator, Iteration.Enumerate(context, value).Select(item => attribute.Of(context, item)));
    }

    public static TemplateValue Batch(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "batch", 1, "linecount", "fill_with");
        TemplateValue? filling = bound[1] is NoneValue ? null : bound[1];
        return new GeneratorValue(context, Go());

        IEnumerable<TemplateValue> Go()
        {
            long size = Numbers.Require(context, bound[0], "batch's size", 0);
            var batch = new List<TemplateValue>();
            foreach (TemplateValue item in Iteration.Enumerate(context, value))
            {
                if (batch.Count == size)
                {
                    yield return context.Nest(new ListValue([.. batch]));
                    batch.Clear();
                }

                context.Step();
                batch.Add(item);
            }

            if (batch.Count == 0)
                yield break;
            if (filling is not null && batch.Count < size)
            {
                context.Step(size - batch.Count);
                batch.AddRange(Enumerable.Repeat(filling, (int)(size - batch.Count)));
            }

            yield return context.Nest(new ListValue([.. batch]));
        }
    }

    /// <summary>jinja2's <c>slice</c>: the given number of lists, with lengths as equal as possible.</summary>
    public static TemplateValue Slice(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "slice", 1, "slices", "fill_with");
        TemplateValue? filling = bound[1] is NoneValue ? null : bound[1];
        return new GeneratorValue(context, Go());

        IEnumerable<TemplateValue> Go()
        {
            TemplateValue[] items = Iteration.Copy(context, value);
            long count = Numbers.Require(context, bound[0], "slice's number of slices", 0);
            if (count == 0)
                throw context.Fault("slice's number of slices is 0", "it must be at least 1");
            int start = 0;
            for (long i = 0; i < count; i++)
            {
                bool isLonger = i < items.Length % count;
                int length = (int)(items.Length / count) + (isLonger ? 1 : 0);
                context.Step(length + 2L);
                TemplateValue[] slice = items[start..(start + length)];
                start += length;
                yield return context.Nest(new ListValue(filling is not null && !isLonger ? [.. slice, filling] : slice));
            }
        }
    }

    /// <summary>The items, except those that equal an earlier item. Case is ignored unless requested otherwise.</summary>
    public static TemplateValue Unique(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "unique", 0, "case_sensitive", "attribute");
        bool isCaseSensitive = bound[0]?.IsTrue ?? false;
        var attribute = AttributePath.Parse(context, bound[1]);
        return new GeneratorValue(context, Go());

        IEnumerable<TemplateValue> Go()
        {
            var seen = new HashSet<TemplateValue>(KeyComparer.Instance);
            foreach (TemplateValue item in Iteration.Enumerate(context, value))
            {
                TemplateValue key = SortingFilters.Fold(context, attribute.Of(context, item), isCaseSensitive);
                context.Step();
                if (seen.Add(DictionaryKey.Require(context, key)))
                    yield return item;
            }
        }
    }
}
