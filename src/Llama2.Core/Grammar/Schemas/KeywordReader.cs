using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>Translates the keywords of a schema into a formula. Not thread-safe.</summary>
internal sealed class KeywordReader(ShapeContext context)
{
    /// <summary>Returns the formula for the demands of a schema. A schema is read only once.</summary>
    public Formula Read(SchemaNode node) => node.Formula ??= ReadKeywords(node);

    private Conjunction ReadKeywords(SchemaNode node)
    {
        if (node.Element.ValueKind != JsonValueKind.Object)
            throw SchemaDocument.Fault(node.Path, $"a schema must be an object or a boolean, and not {node.Element.ValueKind}");
        context.Regexes.Budget.Charge(20);
        var parts = new List<Formula>();
        if (node.Resource.IgnoresSiblingsOfReferences && node.TryGet("$ref", out JsonElement reference))
        {
            parts.Add(LogicKeywords.ReadReference(node, "$ref", reference));
            return new Conjunction([.. parts]);
        }

        ValueKeywords.Read(node, context, parts);
        NumberKeywords.Read(node, parts);
        TextKeywords.Read(node, context, parts);
        ArrayKeywords.Read(node, parts);
        ObjectKeywords.Read(node, context, parts);
        LogicKeywords.Read(node, parts);
        UnevaluatedKeywords.Read(node, context, parts);
        foreach (JsonProperty property in node.Element.EnumerateObject())
        {
            context.Regexes.Budget.Charge(2);
            if (!KnownKeywords.IsAnnotation(property.Name))
                parts.Add(new Refusal(JsonTypes.All, $"{node.Path}/{JsonPointer.Escape(property.Name)}", $"the keyword '{property.Name}' is not supported"));
        }

        return new Conjunction([.. parts]);
    }
}
