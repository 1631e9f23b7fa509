using System.Buffers;
using System.Text;
using Llama2.Templating.Attributes;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>Filters of texts. Most of them first convert a value that is not a text.</summary>
internal static class TextFilters
{
    private const int DefaultWidth = 80, DefaultTruncatedLength = 255, TruncationLeeway = 5;
    private static readonly SearchValues<char> s_attributeEnds = SearchValues.Create(" \t\n\r\f\v/>=");

    public static TemplateFunction OfLetters(string name, Func<RenderContext, TextValue, TextValue> change) => (context, value, arguments) =>
    {
        arguments.Bind(context, name, 0);
        return change(context, PythonText.Soft(context, value));
    };

    /// <summary>jinja2's <c>replace</c>, which converts its input to text and does not return safe HTML.</summary>
    public static TemplateValue Replace(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "replace", 2, "old", "new", "count");
        long count = bound[2] is null or NoneValue ? -1 : Numbers.Require(context, bound[2], "replace's count", -1);
        return TextMethods.Replace(context, PythonText.Of(context, value), PythonText.Of(context, bound[0]!), PythonText.Of(context, bound[1]!), count);
    }

    public static TemplateValue Trim(RenderContext context, TemplateValue value, CallArguments arguments) => TextMethods.Strip(
        context, PythonText.Soft(context, value), arguments.Bind(context, "trim", 0, "chars")[0], "trim", atStart: true, atEnd: true);

    public static TemplateValue Center(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        long width = Numbers.Require(context, arguments.Bind(context, "center", 0, "width")[0], "center's width", DefaultWidth);
        return TextPadding.Pad(context, PythonText.Soft(context, value), width, 'c', TextValue.Own(" "));
    }

    /// <summary>jinja2's <c>format</c>: the operator <c>%</c>.</summary>
    public static TemplateValue Format(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        if (arguments.Positional.Length > 0 && arguments.Keywords.Length > 0)
            throw context.Fault("format is given values with names and without", "it takes only named or only unnamed values");
        context.Step(arguments.Positional.Length);
        TemplateValue values = arguments.Keywords.Length == 0 ? ListValue.Tuple(arguments.Positional) : DictionaryValue.OfKeywords(context, arguments.Keywords);
        return PercentFormat.Apply(context, PythonText.Soft(context, value), values);
    }

    public static TemplateValue Indent(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "indent", 0, "width", "first", "blank");
        if (value is not TextValue text)
            throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"indent is given {value.TypeName}", "it takes a text");
        TextValue indentation = bound[0] is TextValue given ? given : Blanks(context, bound[0] ?? IntegerValue.Of(4));
        bool indentsFirst = bound[1]?.IsTrue ?? false, indentsBlank = bound[2]?.IsTrue ?? false;

        // A line break is appended to the text, so that the last line also ends with one.
        TextValue whole = TextValue.Concatenate(context, [text, TextValue.Own("\n")]);
        List<TextValue> lines = TextSplitting.Lines(context, whole, keepsEnds: false);
        var builder = new TextBuilder(context);
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                builder.Append("\n");
            if (i == 0 ? indentsFirst : indentsBlank || lines[i].Text.Length > 0)
                builder.Append(indentation);
            builder.Append(lines[i]);
        }

        return builder.ToValue().WithMarkup(text.IsMarkup);
    }

    public static TemplateValue Truncate(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "truncate", 0, "length", "killwords", "end", "leeway");
        TextValue end = bound[2] is null ? TextValue.Own("...") : PythonText.Require(context, bound[2], "truncate's end");
        long length = Numbers.Require(context, bound[0], "truncate's length", DefaultTruncatedLength);
        long leeway = Numbers.Require(context, bound[3] is NoneValue ? null : bound[3], "truncate's leeway", TruncationLeeway);
        int endLength = new CodePoints(context, end.Text).Count;
        if (length < endLength || leeway < 0)
            throw context.Fault($"truncate's length is {length} and its leeway {leeway}", $"the length must be at least {endLength}, the length of 'end', and the leeway must not be negative");
        // The condition avoids the sum length + leeway, which could overflow.
        if (ListFilters.Length(context, value, "truncate") - leeway <= length)
            return value;

        TextValue text = PythonText.Require(context, value, "truncate's input");
        var characters = new CodePoints(context, text.Text);
        TextValue kept = text.Slice(context, 0, characters.Start((int)(length - endLength)));
        if (!(bound[1]?.IsTrue ?? false) && new TextSearch(context, kept.Text, " ", isBackward: true).Last(0, kept.Text.Length) is int space and >= 0)
            kept = kept.Slice(context, 0, space);
        return HtmlText.Add(context, kept, end);
    }

    /// <summary>The number of runs of letters, digits and underscores.</summary>
    public static TemplateValue CountWords(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "wordcount", 0);
        string text = PythonText.Soft(context, value).Text;
        context.ChargeCharacters(4L * text.Length);
        int count = 0;
        bool isInWord = false;
        for (int i = 0; i < text.Length; i += CodePoints.UnitCount(text, i))
        {
            bool isWord = TextKind.IsWord(CodePoints.At(text, i));
            count += isWord && !isInWord ? 1 : 0;
            isInWord = isWord;
        }

        return IntegerValue.Of(count);
    }

    public static TemplateValue Escape(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "escape", 0);
        return HtmlText.Escape(context, PythonText.Soft(context, value));
    }

    public static TemplateValue ForceEscape(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "forceescape", 0);
        return HtmlText.Escape(context, PythonText.Of(context, value));
    }

    /// <summary>A dict as attributes of an HTML element.</summary>
    public static TemplateValue ToXmlAttributes(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        bool hasSpace = arguments.Bind(context, "xmlattr", 0, "autospace")[0]?.IsTrue ?? true;
        if (value is not DictionaryValue dictionary)
            throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"xmlattr is given {value.TypeName}", "it takes a dict");
        var builder = new TextBuilder(context);
        foreach ((TemplateValue key, TemplateValue item) in dictionary.Entries)
        {
            context.Step();
            if (item is NoneValue or UndefinedValue)
                continue;
            TextValue name = PythonText.Require(context, key, "an attribute's name");
            if (name.Text.AsSpan().ContainsAny(s_attributeEnds))
                throw context.Fault("the name of an attribute has a character that would end it", "white space, '/', '>' and '=' are not allowed");
            builder.Append(builder.Length > 0 || hasSpace ? " " : "");
            builder.Append(HtmlText.Escape(context, name));
            builder.Append("=\"");
            builder.Append(HtmlText.Escape(context, PythonText.Soft(context, item)));
            builder.Append("\"");
        }

        return builder.ToValue();
    }

    /// <summary>Encodes a text for a URL, or encodes pairs as the query of a URL.</summary>
    public static TemplateValue EncodeForUrl(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "urlencode", 0);
        var builder = new TextBuilder(context);
        if (value is not (ListValue or DictionaryValue or GeneratorValue or UndefinedValue))
        {
            AppendForUrl(context, builder, value, isQuery: false);
            return builder.ToValue();
        }

        TemplateValue pairs = value is DictionaryValue dictionary ? DictionaryMethods.Items(context, dictionary) : value;
        foreach (TemplateValue pair in Iteration.Enumerate(context, pairs))
        {
            if (Iteration.Items(context, pair) is not [var key, var item])
                throw context.Fault("an item of urlencode is not a pair", "it takes a dict or pairs");
            builder.Append(builder.Length > 0 ? "&" : "");
            AppendForUrl(context, builder, key, isQuery: true);
            builder.Append("=");
            AppendForUrl(context, builder, item, isQuery: true);
        }

        return builder.ToValue();
    }

    /// <summary>A text of as many spaces as the given width.</summary>
    public static TextValue Blanks(RenderContext context, TemplateValue width) =>
        TextValue.Own(" ").Repeat(context, Numbers.Require(context, width, "an indentation", 0));

    private static void AppendForUrl(RenderContext context, TextBuilder builder, TemplateValue value, bool isQuery)
    {
        TextValue text = PythonText.Of(context, value);
        context.ChargeCharacters(8L * text.Text.Length);
        var piece = new StringBuilder();
        bool isData = false;
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < text.Text.Length; i += CodePoints.UnitCount(text.Text, i))
        {
            if (text.CountData(i, i + 1) > 0 != isData)
            {
                builder.Append(piece.ToString(), isData);
                piece.Clear();
                isData = !isData;
            }

            int character = CodePoints.At(text.Text, i);
            if (character < 0x80 && (char.IsAsciiLetterOrDigit((char)character) || character is '_' or '.' or '-' or '~' || (character == '/' && !isQuery)))
                piece.Append((char)character);
            else if (character == ' ' && isQuery)
                piece.Append('+');
            else
                AppendBytes(piece, bytes[..(Rune.IsValid(character) ? new Rune(character) : Rune.ReplacementChar).EncodeToUtf8(bytes)]);
        }

        builder.Append(piece.ToString(), isData);
    }

    private static void AppendBytes(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        const string digits = "0123456789ABCDEF";
        foreach (byte part in bytes)
            text.Append('%').Append(digits[part >> 4]).Append(digits[part & 15]);
    }
}
