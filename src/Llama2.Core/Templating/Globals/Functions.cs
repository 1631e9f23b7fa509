using System.Numerics;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Globals;

/// <summary>The functions of the environment: those of jinja2 that templates need, and those that transformers adds.</summary>
internal static class Functions
{
    private static readonly Dictionary<string, FunctionValue> s_functions = new(StringComparer.Ordinal)
    {
        ["range"] = new("range", (context, _, arguments) => Range(context, arguments)),
        ["namespace"] = new("namespace", (context, _, arguments) => new NamespaceValue(Entries(context, arguments))),
        ["dict"] = new("dict", (context, _, arguments) => Dictionary(context, arguments)),
        ["cycler"] = new("cycler", (context, _, arguments) => Cycler(context, arguments)),
        ["joiner"] = new("joiner", (context, _, arguments) => Joiner(context, arguments)),
        ["lipsum"] = new("lipsum", (context, _, _) => throw context.Fault("the function 'lipsum' is called", "it is not supported", "write the text into the template")),
        ["raise_exception"] = new("raise_exception", (context, _, arguments) => throw Refusal(context, arguments)),
        ["strftime_now"] = new("strftime_now", (context, _, arguments) =>
            TimeFormat.Format(context, PythonText.Require(context, arguments.Bind(context, "strftime_now", 1, "format")[0], "strftime_now()'s format"))),
    };

    public static FunctionValue? Find(string name) => s_functions.GetValueOrDefault(name);

    private static ListValue Range(RenderContext context, CallArguments arguments)
    {
        TemplateValue?[] bounds = arguments.BindPositional(context, "range()", 1, 3);
        BigInteger first = Bound(0, 0), start = bounds[1] is null ? 0 : first, stop = Bound(1, first), step = Bound(2, 1);
        if (step.IsZero)
            throw context.Fault("range() has a step of 0", "a step must be positive or negative");

        context.ChargeProduct(Math.Max(stop.GetBitLength(), start.GetBitLength()) + 1, step.GetBitLength());
        BigInteger distance = step.Sign > 0 ? stop - start : start - stop, stride = BigInteger.Abs(step);
        BigInteger count = distance.Sign <= 0 ? 0 : (distance + stride - 1) / stride;
        if (count > context.Limits.MaxRangeLength)
            throw context.Fault($"range() has more than {context.Limits.MaxRangeLength} items", $"at most {context.Limits.MaxRangeLength} are allowed");
        return new RangeBounds(start, stop, step).ToList(context, (int)count);

        BigInteger Bound(int index, BigInteger otherwise) => bounds[index] switch
        {
            null => otherwise,
            UndefinedValue undefined => throw context.Fault(undefined.Reason),
            { } value when Numbers.IsInteger(value) => Numbers.ToInteger(value),
            { } value => throw context.Fault($"a bound of range() is of type {value.TypeName}", "it must be a whole number"),
        };
    }

    private static TemplateValue Dictionary(RenderContext context, CallArguments arguments) => context.Nest(new DictionaryValue(Entries(context, arguments)));

    // The entries of the result of Python's dict(): the entries of the given dict, or the given pairs, followed by the named arguments. The entries
    // are charged before they are copied.
    private static IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Entries(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length > 1)
            throw context.Fault($"dict() or namespace() is given {arguments.Positional.Length} values without names", "it takes one dict or list of pairs, and values with names");
        IReadOnlyList<KeyValuePair<TemplateValue, TemplateValue>> entries = arguments.Positional switch
        {
            [] => [],
            [DictionaryValue dictionary] => dictionary.Entries,
            [UndefinedValue undefined] => throw context.Fault(undefined.Reason),
            _ => Pairs(context, arguments.Positional[0]),
        };
        context.Step(DictionaryValue.EntryStepCount * (2L + entries.Count + arguments.Keywords.Length));
        // Each key is charged here too, because it is hashed again.
        return entries.Concat(arguments.Keywords.Select(keyword => KeyValuePair.Create<TemplateValue, TemplateValue>(keyword.Key, keyword.Value)))
            .Select(entry => KeyValuePair.Create(DictionaryKey.Require(context, entry.Key), entry.Value));
    }

    private static List<KeyValuePair<TemplateValue, TemplateValue>> Pairs(RenderContext context, TemplateValue pairs)
    {
        var entries = new List<KeyValuePair<TemplateValue, TemplateValue>>();
        foreach (TemplateValue pair in Iteration.Enumerate(context, pairs))
        {
            if (Iteration.Items(context, pair) is not [var key, var value])
                throw context.Fault("an item of dict() is not a pair", "it takes a dict, or a list of keys with their values");
            entries.Add(KeyValuePair.Create(DictionaryKey.Require(context, key), value));
        }

        return entries;
    }

    private static CyclerValue Cycler(RenderContext context, CallArguments arguments)
    {
        TemplateValue?[] items = arguments.BindPositional(context, "cycler()", 0, arguments.Positional.Length);
        context.Step(items.Length);
        return items.Length > 0 ? new CyclerValue((ListValue)context.Nest(ListValue.Tuple(items!))) : throw context.Fault("cycler() has nothing to choose from", remedy: "give it values");
    }

    // The first call gives an empty text; later calls give the separator.
    private static FunctionValue Joiner(RenderContext context, CallArguments arguments)
    {
        TemplateValue separator = arguments.Bind(context, "joiner()", 0, "sep")[0] ?? TextValue.Own(", ");
        bool isUsed = false;
        return new FunctionValue("a joiner", (context, _, arguments) =>
        {
            arguments.BindPositional(context, "a joiner", 0, 0);
            TemplateValue given = isUsed ? separator : TextValue.Empty;
            isUsed = true;
            return given;
        });
    }

    private static PromptTemplateException Refusal(RenderContext context, CallArguments arguments) =>
        context.Refusal(PythonText.Of(context, arguments.Bind(context, "raise_exception", 1, "message")[0]!).Text);
}
