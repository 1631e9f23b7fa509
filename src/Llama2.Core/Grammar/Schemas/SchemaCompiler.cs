using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Schemas;

/// <summary>Translates a JSON schema into a grammar of the JSON texts that match the schema.</summary>
internal static class SchemaCompiler
{
    /// <summary>The maximum size of a schema, in bytes.</summary>
    public const int MaxByteSize = 1 << 20;

    /// <summary>The grammar of a schema given as JSON in UTF-8.</summary>
    /// <exception cref="OutputConstraintException">The schema is malformed, exceeds a limit, or demands something that cannot be enforced.</exception>
    public static GrammarBuilder Compile(ReadOnlyMemory<byte> schema, JsonWhiteSpace whiteSpace)
    {
        var builder = new GrammarBuilder(new RegexFactory());
        Write(schema, whiteSpace, builder);
        return builder;
    }

    /// <summary>The grammar of a schema.</summary>
    /// <exception cref="OutputConstraintException">The schema is malformed, exceeds a limit, or demands something that cannot be enforced.</exception>
    public static GrammarBuilder Compile(JsonElement schema, JsonWhiteSpace whiteSpace)
    {
        var builder = new GrammarBuilder(new RegexFactory());
        Write(schema, whiteSpace, builder);
        return builder;
    }

    /// <summary>Adds the rules of a schema, given as JSON in UTF-8, to a grammar.</summary>
    /// <returns>The rule of a whole text that fits the schema.</returns>
    /// <exception cref="OutputConstraintException">The schema is malformed, exceeds a limit, or demands something that cannot be enforced.</exception>
    public static int Write(ReadOnlyMemory<byte> schema, JsonWhiteSpace whiteSpace, GrammarBuilder builder)
    {
        if (schema.Length > MaxByteSize)
            throw SchemaDocument.Fault("", $"the schema has {schema.Length:N0} bytes; at most {MaxByteSize:N0} are allowed");
        if (!Utf8.IsValid(schema.Span))
            throw SchemaDocument.Fault("", "the schema is not valid UTF-8");
        try
        {
            using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = SchemaDocument.MaxDepth });
            return Write(document.RootElement, whiteSpace, builder);
        }
        catch (JsonException exception)
        {
            throw new OutputConstraintException($"The schema is not JSON of at most {SchemaDocument.MaxDepth} levels: {exception.Message}", "", exception);
        }
    }

    private static int Write(JsonElement schema, JsonWhiteSpace whiteSpace, GrammarBuilder builder)
    {
        RegexFactory regexes = builder.Regexes;
        var context = new ShapeContext(regexes);
        var reader = new KeywordReader(context);
        var satisfiability = new Satisfiability(context, reader);
        var expander = new ShapeExpander(context, reader, satisfiability);
        try
        {
            regexes.Budget.Charge(JsonMarshal.GetRawUtf8Value(schema).Length / 8);
            CheckTexts(schema, regexes.Budget);
            var document = new SchemaDocument(schema, regexes.Budget);
            return new RuleWriter(context, builder, new JsonTokens(regexes, whiteSpace), expander, satisfiability).Write(context.Sets.Of(document.RootNode.Literal));
        }
        catch (GrammarLimitException exception)
        {
            throw SchemaDocument.Fault("", exception.Message);
        }
    }

    // An escape in a JSON string can stand for half of a surrogate pair, which is not valid text.
    private static void CheckTexts(JsonElement element, GrammarBudget budget)
    {
        budget.Charge(1);
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    element.GetString();
                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement item in element.EnumerateArray())
                        CheckTexts(item, budget);
                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty property in element.EnumerateObject())
                    {
                        _ = property.Name;
                        CheckTexts(property.Value, budget);
                    }

                    break;
                default:
                    break;
            }
        }
        catch (InvalidOperationException)
        {
            throw SchemaDocument.Fault("", "a text contains half of a surrogate pair");
        }
    }
}
