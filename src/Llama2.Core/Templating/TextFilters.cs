namespace Llama2.Templating;

/// <summary>Filters of texts that are no methods of them; a value that is no text is printed first.</summary>
internal static class TextFilters
{
    public static TemplateFunction OfLetters(string name, Func<string, string> change) => (context, value, arguments) =>
    {
        arguments.Bind(context, name);
        return PythonText.Of(context, value).WithLetters(context, change);
    };

    public static TemplateValue Indent(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "indent", "width", "first", "blank");
        string indentation = bound[0] is TextValue text ? text.Text : Blanks(context, bound[0] ?? IntegerValue.Of(4));
        bool indentsFirst = bound[1]?.IsTrue ?? false, indentsBlank = bound[2]?.IsTrue ?? false;

        // A line break is put behind the text, so that the last line is one whatever its end.
        TextValue whole = TextValue.Concatenate(context, [PythonText.Of(context, value), TextValue.Own("\n")]);
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

        return builder.ToValue();
    }

    /// <summary>As many blanks as a value says.</summary>
    public static string Blanks(RenderContext context, TemplateValue width)
    {
        long count = Math.Max(0, Numbers.Require(context, width, "an indentation", 0));
        context.ChargeText(count, 0);
        return new string(' ', (int)count);
    }
}
