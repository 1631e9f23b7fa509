using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Matching;

/// <summary>A grammar compiled for a vocabulary. All generations with the same constraint and vocabulary share this object. Thread-safe.</summary>
internal sealed class CompiledGrammar
{
    private readonly Lazy<RuleCosts> _costs;

    /// <param name="builder">The rules. They must not be changed after this call.</param>
    /// <param name="tokens">The vocabulary's tokens.</param>
    /// <exception cref="UnsatisfiableGrammarException">No text matches the grammar.</exception>
    /// <exception cref="GrammarLimitException">A limit is exceeded.</exception>
    public CompiledGrammar(GrammarBuilder builder, TokenBytes tokens)
    {
        Rules = builder.Build(out ByteClasses classes);
        Tokens = tokens;
        Lexer = new Lexer(builder.Regexes, classes, Rules.Lexemes, tokens);
        _costs = new(() => Rules.ComputeCosts(Lexer.ComputeLexemeCosts(builder.Locate)));
    }

    public GrammarRules Rules { get; }

    public Lexer Lexer { get; }

    public TokenBytes Tokens { get; }

    public ForcedTexts ForcedTexts { get; } = new();

    /// <summary>The costs of the rules in tokens: how many tokens it takes to complete each rule. The costs are computed when they are first needed.</summary>
    public RuleCosts Costs => _costs.Value;

    /// <summary>The number of tokens of a short text that matches the grammar.</summary>
    public int MinTokenCount => Costs.OfRule(0);
}
