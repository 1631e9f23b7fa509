using System.Text;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;
using Llama2.Grammar.Schemas;

namespace Llama2.Grammar;

/// <summary>The grammar of an answer that may call tools.</summary>
internal static class CallGrammar
{
    /// <summary>Builds the grammar.</summary>
    /// <param name="calls">The calls that the answer may contain: the JSON of each call with the text around it.</param>
    /// <param name="opening">The text with which every call begins. It must not occur before the first call.</param>
    /// <param name="separator">The text between two calls; null if an answer has at most one call.</param>
    /// <param name="maxCount">The maximum number of calls.</param>
    /// <param name="isRequired">Whether the answer must consist of calls only.</param>
    /// <param name="answerSchema">
    /// The schema that an answer without calls has to fit. If null, an answer may be any text, and calls may follow the text.
    /// </param>
    /// <exception cref="OutputConstraintException">A schema cannot be used.</exception>
    public static GrammarBuilder Build(IReadOnlyList<EmbeddedSchema> calls, string opening, string? separator, int maxCount, bool isRequired, string? answerSchema)
    {
        var regexes = new RegexFactory();
        var builder = new GrammarBuilder(regexes);
        int root = builder.AddRule(), call = builder.AddRule();
        foreach (EmbeddedSchema embedded in calls)
        {
            int schema = Write(embedded.Name, embedded.Schema, builder);
            builder.Define(call, RuleExpression.Sequence(Literal(embedded.Before), RuleExpression.OfRule(schema), Literal(embedded.After)));
        }

        RuleExpression list = separator is null || maxCount == 1
            ? RuleExpression.OfRule(call)
            : RuleExpression.Sequence(RuleExpression.OfRule(call), RuleExpression.Repeat(RuleExpression.Sequence(Literal(separator), RuleExpression.OfRule(call)), 0, maxCount - 1));
        builder.Define(root, list);
        if (isRequired)
            return builder;
        if (answerSchema is not null)
        {
            builder.Define(root, RuleExpression.OfRule(Write("answer", answerSchema, builder)));
            return builder;
        }

        var utf8 = new Utf8Text(regexes);
        RuleExpression text = RuleExpression.OfLexeme(utf8.NotMatching(regexes.Sequence(utf8.AnyText, utf8.Literal(opening), utf8.AnyText)));
        builder.Define(root, text);
        builder.Define(root, RuleExpression.Sequence(text, list));
        return builder;

        RuleExpression Literal(string value) => RuleExpression.OfLexeme(regexes.Literal(value));
    }

    private static int Write(string name, string schema, GrammarBuilder builder)
    {
        builder.Source = name;
        try
        {
            return SchemaCompiler.Write(Encoding.UTF8.GetBytes(schema), JsonWhiteSpace.Spaced, builder);
        }
        catch (OutputConstraintException exception)
        {
            throw new OutputConstraintException($"The {name} cannot be enforced: {exception.Message}", exception.Path, exception);
        }
        finally
        {
            (builder.Source, builder.Place) = (null, null);
        }
    }
}
