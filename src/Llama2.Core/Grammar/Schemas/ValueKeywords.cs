using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The keywords <c>type</c>, <c>nullable</c>, <c>enum</c> and <c>const</c>.</summary>
internal static class ValueKeywords
{
    public static void Read(SchemaNode node, ShapeContext context, List<Formula> parts)
    {
        if (node.TryGet("type", out JsonElement type))
        {
            JsonTypes types = ReadTypes(node, type);
            if (node.TryGet("nullable", out JsonElement nullable) && nullable.ValueKind == JsonValueKind.True)
                types |= JsonTypes.Null;
            parts.Add(new TypeConstraint(types));
        }

        if (node.TryGet("const", out JsonElement constant))
            parts.Add(ReadValues(node, context, [("const", constant)]));
        if (node.TryGet("enum", out JsonElement values))
        {
            if (values.ValueKind != JsonValueKind.Array)
                throw node.Fault("enum", "the value must be an array of values");
            parts.Add(ReadValues(node, context, values.EnumerateArray().Select((value, index) => ($"enum/{index}", value))));
        }
    }

    private static JsonTypes ReadTypes(SchemaNode node, JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => ReadType(node, type.GetString()!),
        JsonValueKind.Array => type.EnumerateArray().Aggregate(JsonTypes.None, (types, name) => types | ReadTypes(node, name)),
        _ => throw node.Fault("type", "the value must be the name of a type or an array of names"),
    };

    private static JsonTypes ReadType(SchemaNode node, string name) => name switch
    {
        "null" => JsonTypes.Null,
        "boolean" => JsonTypes.Boolean,
        "integer" => JsonTypes.Integer,
        "number" => JsonTypes.Number,
        "string" => JsonTypes.String,
        "array" => JsonTypes.Array,
        "object" => JsonTypes.Object,
        _ => throw node.Fault("type", $"'{name}' is not a type; the types are null, boolean, integer, number, string, array and object"),
    };

    // All scalars together become one alternative; each array and each object becomes an alternative of its own.
    private static Formula ReadValues(SchemaNode node, ShapeContext context, IEnumerable<(string Name, JsonElement Value)> values)
    {
        var types = JsonTypes.None;
        var numbers = new List<RegexNode>();
        var numberTexts = new List<string>();
        var texts = new List<RegexNode>();
        var alternatives = new List<Formula>();
        foreach ((string name, JsonElement value) in values)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Null:
                    types |= JsonTypes.Null;
                    break;
                case JsonValueKind.True:
                    types |= JsonTypes.True;
                    break;
                case JsonValueKind.False:
                    types |= JsonTypes.False;
                    break;
                case JsonValueKind.String:
                    types |= JsonTypes.String;
                    texts.Add(context.Texts.Literal(value.GetString()!));
                    break;
                case JsonValueKind.Number:
                    ExactDecimal number = NumberKeywords.ReadNumber(node, name, value);
                    types |= number.Scale == 0 ? JsonTypes.Integer : JsonTypes.Fraction;
                    string text = value.GetRawText();
                    bool isPlain = text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && text != "-0";
                    numbers.Add(isPlain ? context.Regexes.Literal(text) : Spellings(text));
                    numberTexts.Add(text);
                    break;
                default:
                    context.Regexes.Budget.Charge(20 + (JsonMarshal.GetRawUtf8Value(value).Length / 16));
                    alternatives.Add(new SchemaFormula(node.Document.GetDerivedNode(node, name, () => DerivedSchema.OfConstant(value)).Literal));
                    break;
            }
        }

        alternatives.Add(new Conjunction(
            new TypeConstraint(types), new NumberTextConstraint(context.Regexes.Either([.. numbers]), () => context.Regexes.Either([.. numberTexts.Select(Spellings)])), new StringConstraint(context.Regexes.Either([.. texts]))));
        return alternatives.Count == 1 ? alternatives[0] : new Disjunction([.. alternatives]);

        RegexNode Spellings(string number) => context.Numbers.NumberRange(number, false, number, false);
    }
}
