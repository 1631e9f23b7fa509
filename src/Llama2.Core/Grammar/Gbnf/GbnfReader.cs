using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Gbnf;

/// <summary>
/// Reads grammars in GBNF, the notation of llama.cpp. All of GBNF is supported, except tokens in angle brackets. A rule may begin with itself (left
/// recursion).
/// </summary>
internal static class GbnfReader
{
    /// <summary>
    /// Translates a text in GBNF into a grammar whose first rule is <c>root</c>. Rules that <c>root</c> does not need are checked, but not put into
    /// the grammar.
    /// </summary>
    /// <exception cref="GbnfException">The text is not valid GBNF.</exception>
    /// <exception cref="GrammarLimitException">The grammar is too large.</exception>
    public static GrammarBuilder Read(string text, RegexFactory regexes)
    {
        // Parsing takes a third of a microsecond and 150 bytes of memory for each character.
        regexes.Budget.Charge(3L * text.Length);
        RuleExpression[] rules = GbnfParser.Parse(text, regexes);
        var regular = new RegularRules(rules, regexes);
        var builder = new GrammarBuilder(regexes);
        var numbers = new Dictionary<int, int> { [0] = builder.AddRule() };
        var waiting = new Queue<int>([0]);
        while (waiting.TryDequeue(out int rule))
        {
            RuleExpression folded = regular.Fold(rules[rule]);
            var named = new HashSet<int>();
            RegularRules.CollectRules(folded, named);
            foreach (int other in named)
            {
                if (numbers.ContainsKey(other))
                    continue;
                numbers.Add(other, builder.AddRule());
                waiting.Enqueue(other);
            }

            builder.Define(numbers[rule], Renumber(folded, numbers));
        }

        return builder;
    }

    private static RuleExpression Renumber(RuleExpression expression, Dictionary<int, int> numbers)
    {
        RuleExpression[] parts = [.. expression.Parts.Select(part => Renumber(part, numbers))];
        return expression.Kind switch
        {
            RuleExpressionKind.Rule => RuleExpression.OfRule(numbers[expression.Rule]),
            RuleExpressionKind.Sequence => RuleExpression.Sequence(parts),
            RuleExpressionKind.Choice => RuleExpression.Choice(parts),
            RuleExpressionKind.Repeat => RuleExpression.Repeat(parts[0], expression.Minimum, expression.Maximum),
            _ => expression,
        };
    }
}
