using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>The keywords that combine schemas, and those that refer to schemas.</summary>
internal static class LogicKeywords
{
    public static void Read(SchemaNode node, List<Formula> parts)
    {
        if (node.TryGet("allOf", out JsonElement all))
            parts.AddRange(node.Children("allOf", all).Select(child => new SchemaFormula(child.Literal)));
        foreach (string keyword in (string[])["$ref", "$dynamicRef"])
        {
            if (node.TryGet(keyword, out JsonElement reference))
                parts.Add(ReadReference(node, keyword, reference));
        }

        if (node.TryGet("anyOf", out JsonElement any))
            parts.Add(new Disjunction([.. node.Children("anyOf", any).Select(child => new SchemaFormula(child.Literal))]));
        if (node.TryGet("oneOf", out JsonElement one))
            parts.Add(new ExactlyOne([.. node.Children("oneOf", one).Select(child => child.Literal)], isNegated: false));
        if (node.TryGet("not", out JsonElement not))
            parts.Add(new SchemaFormula(node.Child("not", not).Literal.Negate()));
        if (node.TryGet("if", out JsonElement condition))
            ReadCondition(node, node.Child("if", condition).Literal, parts);
    }

    public static Formula ReadReference(SchemaNode node, string keyword, JsonElement reference)
    {
        if (keyword == "$dynamicRef")
            return new Refusal(JsonTypes.All, $"{node.Path}/{keyword}", $"the keyword '{keyword}' is not supported; use '$ref'");
        string text = TextKeywords.ReadText(node, keyword, reference);
        return new SchemaFormula(node.Document.Resolve(node, keyword, text).Literal);
    }

    private static void ReadCondition(SchemaNode node, SchemaLiteral condition, List<Formula> parts)
    {
        SchemaLiteral consequence = node.TryGet("then", out JsonElement then) ? node.Child("then", then).Literal : SchemaLiteral.Any;
        SchemaLiteral alternative = node.TryGet("else", out JsonElement otherwise) ? node.Child("else", otherwise).Literal : SchemaLiteral.Any;
        if (consequence == SchemaLiteral.Any && alternative == SchemaLiteral.Any)
            return;
        parts.Add(new Disjunction(
            new Conjunction(new SchemaFormula(condition), new SchemaFormula(consequence)),
            new Conjunction(new SchemaFormula(condition.Negate()), new SchemaFormula(alternative))));
    }
}
