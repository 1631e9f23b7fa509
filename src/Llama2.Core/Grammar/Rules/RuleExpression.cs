using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Rules;

/// <summary>The right side of a rule, as a tree. Immutable.</summary>
internal sealed class RuleExpression
{
    private RuleExpression(RuleExpressionKind kind, RegexNode? lexeme = null, int rule = -1, RuleExpression[]? parts = null, int minimum = 0, int maximum = 0)
    {
        Kind = kind;
        Lexeme = lexeme;
        Rule = rule;
        Parts = parts ?? [];
        Minimum = minimum;
        Maximum = maximum;
    }

    public RuleExpressionKind Kind { get; }

    /// <summary>The regular expression if this is a lexeme; else null.</summary>
    public RegexNode? Lexeme { get; }

    /// <summary>The number of the rule if the kind is <see cref="RuleExpressionKind.Rule"/>; else -1.</summary>
    public int Rule { get; }

    public RuleExpression[] Parts { get; }

    /// <summary>The lowest number of repetitions.</summary>
    public int Minimum { get; }

    /// <summary>The highest number of repetitions; <see cref="int.MaxValue"/> for no limit.</summary>
    public int Maximum { get; }

    public static RuleExpression OfLexeme(RegexNode lexeme) => new(RuleExpressionKind.Lexeme, lexeme);

    public static RuleExpression OfRule(int rule) => new(RuleExpressionKind.Rule, rule: rule);

    public static RuleExpression Sequence(params RuleExpression[] parts) => new(RuleExpressionKind.Sequence, parts: parts);

    public static RuleExpression Choice(params RuleExpression[] parts) => new(RuleExpressionKind.Choice, parts: parts);

    public static RuleExpression Repeat(RuleExpression part, int minimum, int maximum) =>
        new(RuleExpressionKind.Repeat, parts: [part], minimum: minimum, maximum: maximum);
}
