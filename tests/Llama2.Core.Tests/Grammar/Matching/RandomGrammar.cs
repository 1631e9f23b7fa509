using System.Text;
using Llama2.Grammar.Matching;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Tests.Grammar.Matching;

/// <summary>
/// Random grammars over the letters a to d, with recursion, ambiguity, empty rules and lexemes that may end at several positions; and random small
/// vocabularies.
/// </summary>
internal static class RandomGrammar
{
    private const string Letters = "abcd";

    /// <summary>A grammar that some text matches.</summary>
    public static GrammarBuilder Create(Random random)
    {
        while (true)
        {
            var builder = new GrammarBuilder(new RegexFactory());
            int ruleCount = random.Next(1, 5);
            for (int i = 0; i < ruleCount; i++)
                builder.AddRule();
            for (int i = 0; i < ruleCount; i++)
                builder.Define(i, Expression(builder, random, ruleCount, 3));
            try
            {
                builder.Build(out _);
                return builder;
            }
            catch (UnsatisfiableGrammarException)
            {
                // Another grammar is tried.
            }
        }
    }

    /// <summary>A vocabulary of every letter and some tokens of several letters; the last token ends a text.</summary>
    public static TokenBytes CreateVocabulary(Random random)
    {
        var tokens = new List<byte[]?>();
        foreach (char letter in Letters)
            tokens.Add([(byte)letter]);
        for (int i = 0; i < 40; i++)
            tokens.Add(Encoding.ASCII.GetBytes(random.GetItems<char>(Letters, random.Next(2, 6))));
        tokens.Add(null);
        return new TokenBytes([.. tokens], [tokens.Count - 1]);
    }

    private static RuleExpression Expression(GrammarBuilder builder, Random random, int ruleCount, int depth)
    {
        switch (depth == 0 ? random.Next(3) : random.Next(8))
        {
            case 0 or 1:
                return RuleExpression.OfLexeme(Lexeme(builder.Regexes, random, 2));
            case 2:
                return RuleExpression.OfRule(random.Next(ruleCount));
            case 3 or 4:
                return RuleExpression.Sequence(Parts());
            case 5 or 6:
                return RuleExpression.Choice(Parts());
            default:
                int minimum = random.Next(3);
                return RuleExpression.Repeat(Expression(builder, random, ruleCount, depth - 1), minimum, random.Next(2) == 0 ? int.MaxValue : minimum + random.Next(3));
        }

        RuleExpression[] Parts() => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Expression(builder, random, ruleCount, depth - 1))];
    }

    private static RegexNode Lexeme(RegexFactory regexes, Random random, int depth) => (depth == 0 ? 0 : random.Next(7)) switch
    {
        0 or 1 => regexes.Literal(new string(random.GetItems<char>(Letters, random.Next(1, 3)))),
        2 => regexes.Bytes(ByteSet.Range('a' + random.Next(2), 'b' + random.Next(3))),
        3 => regexes.Sequence(Lexeme(regexes, random, depth - 1), Lexeme(regexes, random, depth - 1)),
        4 => regexes.Either(Lexeme(regexes, random, depth - 1), Lexeme(regexes, random, depth - 1)),
        5 => regexes.Repeat(Lexeme(regexes, random, depth - 1), random.Next(2), random.Next(2) == 0 ? int.MaxValue : random.Next(2, 4)),
        _ => regexes.Except(Lexeme(regexes, random, depth - 1), Lexeme(regexes, random, depth - 1)),
    };
}
