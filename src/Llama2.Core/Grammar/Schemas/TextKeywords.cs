using System.Text.Json;
using Llama2.Grammar.Patterns;

namespace Llama2.Grammar.Schemas;

/// <summary>The keywords of strings: lengths, <c>pattern</c> and <c>format</c>.</summary>
internal static class TextKeywords
{
    public static void Read(SchemaNode node, ShapeContext context, List<Formula> parts)
    {
        int minimum = NumberKeywords.ReadCount(node, "minLength") ?? 0, maximum = NumberKeywords.ReadCount(node, "maxLength") ?? int.MaxValue;
        if (minimum > 0 || maximum < int.MaxValue)
            parts.Add(new StringConstraint(context.Texts.Length(minimum, maximum)));
        if (node.TryGet("pattern", out JsonElement pattern))
            parts.Add(new StringConstraint(context.ReadPattern($"{node.Path}/pattern", ReadText(node, "pattern", pattern))));
        if (node.TryGet("format", out JsonElement format))
            ReadFormat(node, context, ReadText(node, "format", format), parts);
    }

    public static string ReadText(SchemaNode node, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw node.Fault(keyword, "the value must be a string");

    private static void ReadFormat(SchemaNode node, ShapeContext context, string format, List<Formula> parts)
    {
        try
        {
            if (context.Formats.Find(format) is { } text)
                parts.Add(new StringConstraint(text));
            else if (!KnownKeywords.IsAnnotationFormat(format))
                parts.Add(new Refusal(JsonTypes.String, $"{node.Path}/format", $"the format '{format}' is not known"));
        }
        catch (PatternException exception)
        {
            parts.Add(new Refusal(JsonTypes.String, $"{node.Path}/format", $"the format '{format}' is refused: {exception.Message}"));
        }
    }
}
