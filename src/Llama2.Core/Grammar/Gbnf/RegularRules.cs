using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Gbnf;

/// <summary>
/// Finds the regular parts of a grammar and turns them into lexemes. A rule is regular if it does not contain itself, directly or through other
/// rules. A rule that is not regular can have regular parts. Lexemes are matched without the grammar's parser, so larger lexemes make the computation
/// of masks faster.
/// </summary>
internal sealed class RegularRules
{
    /// <summary>The maximum number of literals and classes that are joined into one lexeme. A literal or class that is repeated counts once.</summary>
    public const int MaxSize = 1_000;

    private readonly RegexFactory _regexes;
    private readonly (RegexNode Lexeme, int Size)?[] _lexemes;

    public RegularRules(RuleExpression[] rules, RegexFactory regexes)
    {
        _regexes = regexes;
        _lexemes = new (RegexNode, int)?[rules.Length];

        // A rule is examined as soon as all rules that it names are known to be regular. Therefore a rule that contains itself is never examined.
        var users = new List<int>[rules.Length];
        var unknownCounts = new int[rules.Length];
        for (int rule = 0; rule < rules.Length; rule++)
            users[rule] = [];
        for (int rule = 0; rule < rules.Length; rule++)
        {
            var named = new HashSet<int>();
            CollectRules(rules[rule], named);
            unknownCounts[rule] = named.Count;
            foreach (int other in named)
                users[other].Add(rule);
        }

        var ready = new Queue<int>(Enumerable.Range(0, rules.Length).Where(rule => unknownCounts[rule] == 0));
        while (ready.TryDequeue(out int rule))
        {
            _lexemes[rule] = TryJoin(rules[rule]);
            if (_lexemes[rule] is null)
                continue;
            foreach (int user in users[rule])
            {
                if (--unknownCounts[user] == 0)
                    ready.Enqueue(user);
            }
        }
    }

    /// <summary>Collects the rules that an expression names.</summary>
    public static void CollectRules(RuleExpression expression, HashSet<int> rules)
    {
        if (expression.Kind == RuleExpressionKind.Rule)
            rules.Add(expression.Rule);
        foreach (RuleExpression part in expression.Parts)
            CollectRules(part, rules);
    }

    /// <summary>The expression with its regular parts replaced by lexemes.</summary>
    public RuleExpression Fold(RuleExpression expression)
    {
        if (TryJoin(expression) is { } whole)
            return RuleExpression.OfLexeme(whole.Lexeme);
        switch (expression.Kind)
        {
            case RuleExpressionKind.Sequence:
                return RuleExpression.Sequence([.. Runs(expression.Parts)]);
            case RuleExpressionKind.Choice:
                // The regular alternatives are joined into one lexeme.
                List<RuleExpression> regular = [.. expression.Parts.Where(part => TryJoin(part) is not null)];
                IEnumerable<RuleExpression> others = expression.Parts.Where(part => TryJoin(part) is null).Select(Fold);
                if (regular.Count > 1 && TryJoin(RuleExpression.Choice([.. regular])) is { } joined)
                    return RuleExpression.Choice([RuleExpression.OfLexeme(joined.Lexeme), .. others]);
                return RuleExpression.Choice([.. regular.Select(Fold), .. others]);
            case RuleExpressionKind.Repeat:
                return RuleExpression.Repeat(Fold(expression.Parts[0]), expression.Minimum, expression.Maximum);
            default:
                return expression;
        }
    }

    // Joins each run of neighbouring regular parts into one lexeme.
    private IEnumerable<RuleExpression> Runs(RuleExpression[] parts)
    {
        (RegexNode Lexeme, int Size)? run = null;
        foreach (RuleExpression part in parts)
        {
            (RegexNode Lexeme, int Size)? next = TryJoin(part);
            if (run is { } before && next is { } after && before.Size + after.Size <= MaxSize)
            {
                run = (_regexes.Sequence(before.Lexeme, after.Lexeme), before.Size + after.Size);
                continue;
            }

            if (run is { } ended)
                yield return RuleExpression.OfLexeme(ended.Lexeme);
            run = next;
            if (next is null)
                yield return Fold(part);
        }

        if (run is { } last)
            yield return RuleExpression.OfLexeme(last.Lexeme);
    }

    // The expression as a lexeme; null if the expression is not regular, or is too large for one lexeme.
    private (RegexNode Lexeme, int Size)? TryJoin(RuleExpression expression)
    {
        if (expression.Kind == RuleExpressionKind.Lexeme)
            return (expression.Lexeme!, 1);
        if (expression.Kind == RuleExpressionKind.Rule)
            return _lexemes[expression.Rule];
        var parts = new RegexNode[expression.Parts.Length];
        int size = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (TryJoin(expression.Parts[i]) is not { } part || (size += part.Size) > MaxSize)
                return null;
            parts[i] = part.Lexeme;
        }

        RegexNode lexeme = expression.Kind switch
        {
            RuleExpressionKind.Sequence => _regexes.Sequence(parts),
            RuleExpressionKind.Choice => _regexes.Either(parts),
            _ => _regexes.Repeat(parts[0], expression.Minimum, expression.Maximum),
        };
        return (lexeme, size);
    }
}
