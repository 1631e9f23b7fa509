using System.Globalization;
using System.Text;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Converts values to text like Python's <c>str</c> and <c>repr</c>.</summary>
internal static class PythonText
{
    // The number of steps that are charged for a value in a list or dict, because the value and its separators are appended in several pieces.
    private const int StepCount = 4;

    /// <summary>The printed form of a value. If a list or dict contains data, the whole text is data.</summary>
    public static TextValue Of(RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case TextValue text:
                return text.WithMarkup(false);
            case UndefinedValue undefined:
                return undefined.RefuseIfStrict(context, TextValue.Empty);
            default:
                return Representation(context, value);
        }
    }

    /// <summary>The input of a text filter: a text is returned unchanged, whether it is safe HTML or not; other values are converted to text.</summary>
    public static TextValue Soft(RenderContext context, TemplateValue value) => value is TextValue text ? text : Of(context, value);

    /// <summary>Python's <c>repr</c>.</summary>
    public static TextValue Representation(RenderContext context, TemplateValue value, bool isAscii = false)
    {
        if (value is TextValue or ListValue or DictionaryValue or NamespaceValue)
        {
            var builder = new TextBuilder(context);
            Append(context, builder, value, isAscii);
            return builder.ToValue();
        }

        context.Step();
        context.ChargeText(0, 0);
        string scalar = Scalar(context, value);
        return Numbers.IsData(value) ? TextValue.OfData(scalar) : TextValue.Own(scalar);
    }

    /// <summary>The text of an argument.</summary>
    public static TextValue Require(RenderContext context, TemplateValue? value, string what) => value switch
    {
        TextValue text => text,
        UndefinedValue undefined => throw context.Fault(undefined.Reason),
        null => throw context.Fault($"{what} is missing"),
        _ => throw context.Fault($"{what} is of type {value.TypeName}", "it must be a string"),
    };

    private static string Scalar(RenderContext context, TemplateValue value) => value switch
    {
        NoneValue => "None",
        BooleanValue boolean => boolean.Value ? "True" : "False",
        IntegerValue integer => IntegerText.Of(context, integer.Value),
        DoubleValue number => DoubleText.Shortest(number.Value),
        UndefinedValue => "Undefined",
        LoopValue loop => loop.Description,
        FunctionValue { Macro: MacroSignature macro } => macro.Name is null ? "<Macro anonymous>" : $"<Macro '{macro.Name}'>",
        // jinja2 prints the generator's address in memory.
        GeneratorValue => throw context.Fault("a generator is printed", "it cannot be converted to text", "make a list of it with '|list', or join its items"),
        _ => throw context.Fault($"a value of type {value.TypeName} is printed", "it cannot be converted to text"),
    };

    // Recursion is as deep as the nesting of values, at most TemplateLimits.MaxDepth within each namespace; namespaces may be nested equally deep.
    private static void Append(RenderContext context, TextBuilder builder, TemplateValue value, bool isAscii)
    {
        context.Step(StepCount);
        switch (value)
        {
            case TextValue text:
                AppendQuoted(context, builder, text, isAscii);
                break;
            case ListValue { Bounds: RangeBounds bounds }:
                builder.Append($"range({IntegerText.Of(context, bounds.Start)}, {IntegerText.Of(context, bounds.Stop)}");
                builder.Append(bounds.Step.IsOne ? ")" : $", {IntegerText.Of(context, bounds.Step)})");
                break;
            case ListValue list:
                AppendItems(context, builder, list, isAscii);
                break;
            case NamespaceValue space:
                // A namespace may contain itself, so the nesting depth of namespaces is counted here.
                context.EnterCall(1);
                builder.Append("<Namespace ");
                AppendEntries(context, builder, space.Entries, isAscii);
                builder.Append(">");
                context.LeaveCall(1);
                break;
            case DictionaryValue dictionary:
                AppendEntries(context, builder, dictionary.Entries, isAscii);
                break;
            default:
                if (Numbers.IsData(value))
                    builder.MarkAsData();
                builder.Append(Scalar(context, value));
                break;
        }
    }

    private static void AppendItems(RenderContext context, TextBuilder builder, ListValue list, bool isAscii)
    {
        (string open, string close) = list.Kind switch
        {
            ListKind.List => ("[", "]"),
            ListKind.Tuple => ("(", list.Count == 1 ? ",)" : ")"),
            _ => (list.TypeName + "([", "])"),
        };
        builder.Append(open);
        for (int i = 0; i < list.Count; i++)
        {
            builder.Append(i > 0 ? ", " : "");
            Append(context, builder, list.Items[i], isAscii);
        }

        builder.Append(close);
    }

    private static void AppendEntries(RenderContext context, TextBuilder builder, IReadOnlyList<KeyValuePair<TemplateValue, TemplateValue>> entries, bool isAscii)
    {
        builder.Append("{");
        for (int i = 0; i < entries.Count; i++)
        {
            builder.Append(i > 0 ? ", " : "");
            Append(context, builder, entries[i].Key, isAscii);
            builder.Append(": ");
            Append(context, builder, entries[i].Value, isAscii);
        }

        builder.Append("}");
    }

    private static void AppendQuoted(RenderContext context, TextBuilder builder, TextValue text, bool isAscii)
    {
        if (text.HasData)
            builder.MarkAsData();
        context.ChargeText(text.Text.Length, 0);
        context.ChargeCharacters(4L * text.Text.Length);
        char quote = text.Text.Contains('\'') && !text.Text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder(text.Text.Length + 2).Append(text.IsMarkup ? "Markup(" : "").Append(quote);
        for (int i = 0; i < text.Text.Length; i += CodePoints.UnitCount(text.Text, i))
            AppendEscaped(quoted, CodePoints.At(text.Text, i), quote, isAscii);
        quoted.Append(quote).Append(text.IsMarkup ? ")" : "");
        foreach (ReadOnlyMemory<char> chunk in quoted.GetChunks())
            builder.Append(chunk.Span);
    }

    private static void AppendEscaped(StringBuilder quoted, int character, char quote, bool isAscii)
    {
        _ = character switch
        {
            '\n' => quoted.Append("\\n"),
            '\r' => quoted.Append("\\r"),
            '\t' => quoted.Append("\\t"),
            '\\' => quoted.Append("\\\\"),
            _ when character == quote => quoted.Append('\\').Append(quote),
            < 0x7F when character >= ' ' => quoted.Append((char)character),
            _ when !isAscii && TextKind.IsPrintable(character) => character <= char.MaxValue
                ? quoted.Append((char)character)
                : quoted.Append(char.ConvertFromUtf32(character)),
            <= 0xFF => quoted.Append(CultureInfo.InvariantCulture, $"\\x{character:x2}"),
            <= 0xFFFF => quoted.Append(CultureInfo.InvariantCulture, $"\\u{character:x4}"),
            _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{character:x8}"),
        };
    }
}
