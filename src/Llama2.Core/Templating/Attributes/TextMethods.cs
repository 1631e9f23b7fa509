using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>
/// Methods of texts, by name. Characters that are data (that come from the conversation) remain data when texts are split and joined, and safe HTML
/// remains safe.
/// </summary>
internal static class TextMethods
{
    // The cost of looking up the kind of a character, counted in characters.
    private const int KindCost = 4;

    private static readonly Dictionary<string, TemplateFunction> s_methods = new(StringComparer.Ordinal)
    {
        ["capitalize"] = OfLetters("capitalize()", TextCase.Capitalize),
        ["center"] = (context, receiver, arguments) => TextPadding.Justify(context, (TextValue)receiver, arguments, "center()", 'c'),
        ["count"] = (context, receiver, arguments) => IntegerValue.Of(TextSearching.Count(context, (TextValue)receiver, arguments)),
        ["endswith"] = (context, receiver, arguments) => TextSearching.Begins(context, (TextValue)receiver, arguments, "endswith()", atEnd: true),
        ["expandtabs"] = (context, receiver, arguments) => TextPadding.ExpandTabs(context, (TextValue)receiver, arguments),
        ["find"] = (context, receiver, arguments) => TextSearching.Find(context, (TextValue)receiver, arguments, "find()", fromEnd: false, isRequired: false),
        ["format"] = BraceFormat.Apply,
        ["format_map"] = BraceFormat.ApplyMap,
        ["index"] = (context, receiver, arguments) => TextSearching.Find(context, (TextValue)receiver, arguments, "index()", fromEnd: false, isRequired: true),
        ["isalnum"] = Are("isalnum()", TextKind.IsAlphanumeric),
        ["isalpha"] = Are("isalpha()", TextKind.IsAlphabetic),
        ["isascii"] = Are("isascii()", character => character < 0x80, isTrueOfNothing: true),
        ["isdecimal"] = Are("isdecimal()", TextKind.IsDecimal),
        ["isdigit"] = Are("isdigit()", TextKind.IsDigit),
        ["islower"] = (context, receiver, arguments) => IsCased(context, receiver, arguments, "islower()", isUpper: false),
        ["isnumeric"] = Are("isnumeric()", TextKind.IsNumeric),
        ["isprintable"] = Are("isprintable()", TextKind.IsPrintable, isTrueOfNothing: true),
        ["isspace"] = Are("isspace()", TextKind.IsSpace),
        ["istitle"] = IsTitle,
        ["isupper"] = (context, receiver, arguments) => IsCased(context, receiver, arguments, "isupper()", isUpper: true),
        ["join"] = Join,
        ["ljust"] = (context, receiver, arguments) => TextPadding.Justify(context, (TextValue)receiver, arguments, "ljust()", '<'),
        ["lower"] = OfLetters("lower()", TextCase.Lower),
        ["lstrip"] = (context, receiver, arguments) => Strip(context, receiver, arguments, "lstrip()", atStart: true, atEnd: false),
        ["partition"] = (context, receiver, arguments) => TextSplitting.Partition(context, (TextValue)receiver, arguments, "partition()", fromEnd: false),
        ["removeprefix"] = (context, receiver, arguments) => TextSearching.Remove(context, (TextValue)receiver, arguments, "removeprefix()", atEnd: false),
        ["removesuffix"] = (context, receiver, arguments) => TextSearching.Remove(context, (TextValue)receiver, arguments, "removesuffix()", atEnd: true),
        ["replace"] = Replace,
        ["rfind"] = (context, receiver, arguments) => TextSearching.Find(context, (TextValue)receiver, arguments, "rfind()", fromEnd: true, isRequired: false),
        ["rindex"] = (context, receiver, arguments) => TextSearching.Find(context, (TextValue)receiver, arguments, "rindex()", fromEnd: true, isRequired: true),
        ["rjust"] = (context, receiver, arguments) => TextPadding.Justify(context, (TextValue)receiver, arguments, "rjust()", '>'),
        ["rpartition"] = (context, receiver, arguments) => TextSplitting.Partition(context, (TextValue)receiver, arguments, "rpartition()", fromEnd: true),
        ["rsplit"] = (context, receiver, arguments) => TextSplitting.Split(context, (TextValue)receiver, arguments, "rsplit()", fromEnd: true),
        ["rstrip"] = (context, receiver, arguments) => Strip(context, receiver, arguments, "rstrip()", atStart: false, atEnd: true),
        ["split"] = (context, receiver, arguments) => TextSplitting.Split(context, (TextValue)receiver, arguments, "split()", fromEnd: false),
        ["splitlines"] = SplitLines,
        ["startswith"] = (context, receiver, arguments) => TextSearching.Begins(context, (TextValue)receiver, arguments, "startswith()", atEnd: false),
        ["strip"] = (context, receiver, arguments) => Strip(context, receiver, arguments, "strip()", atStart: true, atEnd: true),
        ["swapcase"] = OfLetters("swapcase()", TextCase.Swap),
        ["title"] = OfLetters("title()", TextCase.TitleByLetters),
        ["upper"] = OfLetters("upper()", TextCase.Upper),
        ["zfill"] = (context, receiver, arguments) => TextPadding.FillWithZeros(context, (TextValue)receiver, arguments),
    };

    public static TemplateFunction? Find(string name) => s_methods.GetValueOrDefault(name);

    /// <summary>Removes white space, or the given characters, at the start of a text, at its end, or at both.</summary>
    public static TextValue Strip(RenderContext context, TextValue text, TemplateValue? characters, string function, bool atStart, bool atEnd)
    {
        TextValue? stripped = characters is null or NoneValue ? null : PythonText.Require(context, characters, $"the argument of {function}");
        HashSet<int>? sought = stripped is null ? null : Characters(context, stripped.Text);
        string whole = text.Text;
        int start = 0, end = whole.Length;
        while (atStart && start < end && Goes(CodePoints.At(whole, start)))
            start += CodePoints.UnitCount(whole, start);
        while (atEnd && end > start && Goes(CodePoints.At(whole, LastStart())))
            end = LastStart();
        return text.Slice(context, start, end - start);

        int LastStart() => end - 1 > start && char.IsLowSurrogate(whole[end - 1]) && char.IsHighSurrogate(whole[end - 2]) ? end - 2 : end - 1;

        bool Goes(int character)
        {
            context.ChargeCharacters(KindCost);
            return sought?.Contains(character) ?? TextKind.IsSpace(character);
        }
    }

    /// <summary>Replaces the first occurrences of a part, at most the given number of them; a negative number means all occurrences.</summary>
    public static TextValue Replace(RenderContext context, TextValue text, TextValue old, TextValue with, long count)
    {
        var builder = new TextBuilder(context);
        int copied = 0;
        if (old.Text.Length == 0)
        {
            // An empty part is found before every character and at the end.
            context.ChargeCharacters(2L * KindCost * text.Text.Length);
            for (; count != 0; count--)
            {
                builder.Append(with);
                if (copied == text.Text.Length)
                    break;
                int length = CodePoints.UnitCount(text.Text, copied);
                builder.Append(text, copied, length);
                copied += length;
            }
        }
        else
        {
            var search = new TextSearch(context, text.Text, old.Text);
            for (; count != 0 && search.First(copied, text.Text.Length) is int found and >= 0; count--)
            {
                context.Step();
                builder.Append(text, copied, found - copied);
                builder.Append(with);
                copied = found + old.Text.Length;
            }
        }

        builder.Append(text, copied, text.Text.Length - copied);
        return builder.ToValue().WithMarkup(text.IsMarkup);
    }

    /// <summary>Joins items, in their printed form, with a text between them.</summary>
    public static TextValue Join(RenderContext context, TextValue separator, IEnumerable<TemplateValue> items)
    {
        var builder = new TextBuilder(context);
        bool isFirst = true;
        foreach (TemplateValue item in items)
        {
            context.Step();
            if (!isFirst)
                builder.Append(separator);
            isFirst = false;
            builder.Append(PythonText.Of(context, item));
        }

        return builder.ToValue();
    }

    /// <summary>Whether the text has letters of the given case and no letters of any other case.</summary>
    public static bool IsCased(RenderContext context, TextValue text, bool isUpper)
    {
        context.ChargeCharacters((long)KindCost * text.Text.Length);
        bool found = false;
        for (int i = 0; i < text.Text.Length; i += CodePoints.UnitCount(text.Text, i))
        {
            int character = CodePoints.At(text.Text, i);
            if (TextKind.IsTitle(character) || (isUpper ? TextKind.IsLower(character) : TextKind.IsUpper(character)))
                return false;
            found |= isUpper ? TextKind.IsUpper(character) : TextKind.IsLower(character);
        }

        return found;
    }

    private static HashSet<int> Characters(RenderContext context, string text)
    {
        // An entry of a set takes the memory of eight characters.
        context.ChargeText(8L * text.Length, 0);
        var characters = new HashSet<int>();
        for (int i = 0; i < text.Length; i += CodePoints.UnitCount(text, i))
            characters.Add(CodePoints.At(text, i));
        return characters;
    }

    private static TextValue Strip(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, bool atStart, bool atEnd) =>
        Strip(context, (TextValue)receiver, arguments.BindPositional(context, function, 0, 1)[0], function, atStart, atEnd);

    private static TextValue Replace(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.BindPositional(context, "replace()", 2, 3);
        var text = (TextValue)receiver;
        TextValue old = PythonText.Require(context, bound[0], "replace()'s first argument");
        TextValue with = HtmlText.For(context, text, PythonText.Require(context, bound[1], "replace()'s second argument"));
        return Replace(context, text, old, with, Numbers.Require(context, bound[2], "replace()'s count", -1));
    }

    private static TextValue Join(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        var separator = (TextValue)receiver;
        TemplateValue[] parts = Iteration.Copy(context, arguments.BindPositional(context, "join()", 1, 1)[0]!);
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = separator.IsMarkup
                ? HtmlText.Escape(context, PythonText.Soft(context, parts[i])).WithMarkup(false)
                : PythonText.Require(context, parts[i], "an item of join()");
        }

        return Join(context, separator, parts).WithMarkup(separator.IsMarkup);
    }

    private static ListValue SplitLines(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue? keepsEnds = arguments.Bind(context, "splitlines()", 0, "keepends")[0];
        return new ListValue([.. TextSplitting.Lines(context, (TextValue)receiver, keepsEnds?.IsTrue ?? false)]);
    }

    private static TemplateFunction OfLetters(string name, Func<RenderContext, TextValue, TextValue> change) => (context, receiver, arguments) =>
    {
        arguments.BindPositional(context, name, 0, 0);
        return change(context, (TextValue)receiver);
    };

    private static TemplateFunction Are(string name, Func<int, bool> isKind, bool isTrueOfNothing = false) => (context, receiver, arguments) =>
    {
        string text = ((TextValue)receiver).Text;
        arguments.BindPositional(context, name, 0, 0);
        context.ChargeCharacters((long)KindCost * text.Length);
        for (int i = 0; i < text.Length; i += CodePoints.UnitCount(text, i))
        {
            if (!isKind(CodePoints.At(text, i)))
                return BooleanValue.Of(false);
        }

        return BooleanValue.Of(text.Length > 0 || isTrueOfNothing);
    };

    private static BooleanValue IsCased(RenderContext context, TemplateValue receiver, CallArguments arguments, string function, bool isUpper)
    {
        arguments.BindPositional(context, function, 0, 0);
        return BooleanValue.Of(IsCased(context, (TextValue)receiver, isUpper));
    }

    // Upper-case letters must follow characters without case, and lower-case letters must follow letters with case.
    private static BooleanValue IsTitle(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        string text = ((TextValue)receiver).Text;
        arguments.BindPositional(context, "istitle()", 0, 0);
        context.ChargeCharacters((long)KindCost * text.Length);
        bool isInWord = false, found = false;
        for (int i = 0; i < text.Length; i += CodePoints.UnitCount(text, i))
        {
            int character = CodePoints.At(text, i);
            bool isCapital = TextKind.IsUpper(character) || TextKind.IsTitle(character), isSmall = TextKind.IsLower(character);
            if ((isCapital && isInWord) || (isSmall && !isInWord))
                return BooleanValue.Of(false);
            isInWord = isCapital || isSmall;
            found |= isInWord;
        }

        return BooleanValue.Of(found);
    }
}
