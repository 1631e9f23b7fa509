namespace Llama2.Templating;

/// <summary>Methods of texts. What they cut and join stays data where it was.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, TemplateFunction> s_methods = new(StringComparer.Ordinal)
    {
        ["strip"] = (context, receiver, arguments) => Strip(context, receiver, arguments, "strip()", atStart: true, atEnd: true),
        ["lstrip"] = (context, receiver, arguments) => Strip(context, receiver, arguments, "lstrip()", atStart: true, atEnd: false),
        ["rstrip"] = (context, receiver, arguments) => Strip(context, receiver, arguments, "rstrip()", atStart: false, atEnd: true),
        ["split"] = (context, receiver, arguments) => TextSplitting.Split(context, (TextValue)receiver, arguments, "split()", fromEnd: false),
        ["rsplit"] = (context, receiver, arguments) => TextSplitting.Split(context, (TextValue)receiver, arguments, "rsplit()", fromEnd: true),
        ["splitlines"] = SplitLines,
        ["startswith"] = (context, receiver, arguments) => Begins(context, receiver, arguments, "startswith()", atEnd: false),
        ["endswith"] = (context, receiver, arguments) => Begins(context, receiver, arguments, "endswith()", atEnd: true),
        ["removeprefix"] = (context, receiver, arguments) => Remove(context, receiver, arguments, "removeprefix()", atEnd: false),
        ["removesuffix"] = (context, receiver, arguments) => Remove(context, receiver, arguments, "removesuffix()", atEnd: true),
        ["upper"] = (context, receiver, arguments) => Letters(context, receiver, arguments, "upper()", TextCase.Upper),
        ["lower"] = (context, receiver, arguments) => Letters(context, receiver, arguments, "lower()", text => text.ToLowerInvariant()),
        ["title"] = (context, receiver, arguments) => Letters(context, receiver, arguments, "title()", TextCase.TitleByLetters),
        ["capitalize"] = (context, receiver, arguments) => Letters(context, receiver, arguments, "capitalize()", TextCase.Capitalize),
        ["replace"] = (context, receiver, arguments) => Replace(context, (TextValue)receiver, arguments, "replace()"),
        ["join"] = Join,
        ["find"] = (context, receiver, arguments) => Find(context, receiver, arguments, "find()", fromEnd: false),
        ["rfind"] = (context, receiver, arguments) => Find(context, receiver, arguments, "rfind()", fromEnd: true),
        ["count"] = Count,
        ["isdigit"] = (context, receiver, arguments) => Are(context, receiver, arguments, "isdigit()", char.IsDigit),
        ["isalpha"] = (context, receiver, arguments) => Are(context, receiver, arguments, "isalpha()", char.IsLetter),
        ["isalnum"] = (context, receiver, arguments) => Are(context, receiver, arguments, "isalnum()", char.IsLetterOrDigit),
        ["isspace"] = (context, receiver, arguments) => Are(context, receiver, arguments, "isspace()", PythonSpace.Is),
        ["islower"] = (context, receiver, _) => BooleanValue.Of(IsCased(context, (TextValue)receiver, char.IsLower, char.IsUpper)),
        ["isupper"] = (context, receiver, _) => BooleanValue.Of(IsCased(context, (TextValue)receiver, char.IsUpper, char.IsLower)),
    };

    public static TemplateFunction? Find(string name) => s_methods.GetValueOrDefault(name);

    /// <summary>Takes white space, or given characters, away at the ends.</summary>
    public static TextValue Strip(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, bool atStart, bool atEnd)
    {
        var text = (TextValue)receiver;
        TemplateValue? characters = arguments.Bind(context, function, "chars")[0];
        string? stripped = characters is null or NoneValue ? null : PythonText.Require(context, characters, $"what {function} takes away").Text;
        int start = 0, end = text.Text.Length;
        while (atStart && start < end && Goes(text.Text[start]))
            start++;
        while (atEnd && end > start && Goes(text.Text[end - 1]))
            end--;
        return text.Slice(context, start, end - start);

        bool Goes(char character)
        {
            context.ChargeCharacters(1 + ((stripped?.Length ?? 0) / 16));
            return stripped is null ? PythonSpace.Is(character) : stripped.Contains(character);
        }
    }

    /// <summary>Replaces a part wherever it stands, or where it first stands.</summary>
    public static TextValue Replace(RenderContext context, TextValue text, CallArguments arguments, string function)
    {
        TemplateValue?[] bound = arguments.Bind(context, function, "old", "new", "count");
        TextValue old = PythonText.Require(context, bound[0], $"what {function} replaces");
        TextValue with = PythonText.Require(context, bound[1], $"what {function} puts there");
        long count = bound[2] is null or NoneValue ? -1 : Numbers.Require(context, bound[2], $"{function}'s count", -1);
        context.ChargeScan(text.Text.Length, old.Text.Length);
        var builder = new TextBuilder(context);
        int copied = 0;
        for (int found = Next(0); found >= 0 && count != 0; found = Next(copied))
        {
            context.Step();
            if (old.Text.Length == 0)
            {
                // Nothing stands before every character and at the end.
                builder.Append(with);
                if (copied == text.Text.Length)
                    return builder.ToValue();
                builder.Append(text, copied, 1);
                copied++;
            }
            else
            {
                builder.Append(text, copied, found - copied);
                builder.Append(with);
                copied = found + old.Text.Length;
            }

            count--;
        }

        builder.Append(text, copied, text.Text.Length - copied);
        return builder.ToValue();

        int Next(int start) => text.Text.IndexOf(old.Text, start, StringComparison.Ordinal);
    }

    /// <summary>Puts items together with a text between them.</summary>
    public static TextValue Join(RenderContext context, TextValue separator, ReadOnlySpan<TemplateValue> items)
    {
        var builder = new TextBuilder(context);
        for (int i = 0; i < items.Length; i++)
        {
            context.Step();
            if (i > 0)
                builder.Append(separator);
            builder.Append(PythonText.Of(context, items[i]));
        }

        return builder.ToValue();
    }

    /// <summary>Whether there are letters of one case, and none of the other.</summary>
    public static bool IsCased(RenderContext context, TextValue text, Func<char, bool> isCase, Func<char, bool> isOther)
    {
        context.ChargeCharacters(text.Text.Length);
        return text.Text.Any(isCase) && !text.Text.Any(isOther);
    }

    private static TextValue Join(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue items = arguments.Bind(context, "join()", "items")[0] ?? throw context.Fault("join() is given no items");
        ReadOnlySpan<TemplateValue> parts = Iteration.Items(context, items);
        foreach (TemplateValue part in parts)
            PythonText.Require(context, part, "an item of join()");
        return Join(context, (TextValue)receiver, parts);
    }

    private static ListValue SplitLines(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue? keepsEnds = arguments.Bind(context, "splitlines()", "keepends")[0];
        return new ListValue([.. TextSplitting.Lines(context, (TextValue)receiver, keepsEnds?.IsTrue ?? false)]);
    }

    private static BooleanValue Begins(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, bool atEnd)
    {
        TemplateValue sought = arguments.Bind(context, function, "prefix")[0] ?? throw context.Fault($"{function} is given nothing to look for");
        ReadOnlySpan<TemplateValue> affixes = sought is ListValue { IsTuple: true } tuple ? tuple.Items : [sought];
        foreach (TemplateValue affix in affixes)
        {
            context.Step();
            if (Has(context, (TextValue)receiver, PythonText.Require(context, affix, $"what {function} looks for"), atEnd))
                return BooleanValue.Of(true);
        }

        return BooleanValue.Of(false);
    }

    private static TextValue Remove(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, bool atEnd)
    {
        var text = (TextValue)receiver;
        TextValue affix = PythonText.Require(context, arguments.Bind(context, function, "affix")[0], $"what {function} takes away");
        return Has(context, text, affix, atEnd) ? text.Slice(context, atEnd ? 0 : affix.Text.Length, text.Text.Length - affix.Text.Length) : text;
    }

    private static bool Has(RenderContext context, TextValue text, TextValue affix, bool atEnd)
    {
        context.ChargeScan(Math.Min(affix.Text.Length, text.Text.Length));
        return atEnd ? text.Text.EndsWith(affix.Text, StringComparison.Ordinal) : text.Text.StartsWith(affix.Text, StringComparison.Ordinal);
    }

    private static TextValue Letters(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, Func<string, string> change)
    {
        var text = (TextValue)receiver;
        arguments.Bind(context, function);
        return text.WithLetters(context, change);
    }

    private static IntegerValue Find(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, bool fromEnd)
    {
        string text = ((TextValue)receiver).Text, part = PythonText.Require(context, arguments.Bind(context, function, "sub")[0], $"what {function} looks for").Text;
        context.ChargeScan(text.Length, part.Length);
        int unit = fromEnd ? text.LastIndexOf(part, StringComparison.Ordinal) : text.IndexOf(part, StringComparison.Ordinal);
        if (unit <= 0)
            return IntegerValue.Of(unit);
        context.ChargeText(unit, 0);
        return IntegerValue.Of(new CodePoints(context, text[..unit]).Count);
    }

    private static IntegerValue Count(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        string text = ((TextValue)receiver).Text, part = PythonText.Require(context, arguments.Bind(context, "count()", "sub")[0], "what count() looks for").Text;
        context.ChargeScan(text.Length, part.Length);
        return IntegerValue.Of(part.Length == 0 ? new CodePoints(context, text).Count + 1 : text.AsSpan().Count(part));
    }

    private static BooleanValue Are(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, Func<char, bool> isKind)
    {
        string text = ((TextValue)receiver).Text;
        arguments.Bind(context, function);
        context.ChargeCharacters(text.Length);
        return BooleanValue.Of(text.Length > 0 && text.All(isKind));
    }
}
