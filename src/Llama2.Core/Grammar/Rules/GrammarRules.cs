using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Rules;

/// <summary>
/// The rules of a grammar as tables: a finite automaton for each rule, without states from which the end of the rule cannot be reached. So every
/// beginning that the tables allow can be completed to a whole text. Immutable and thread-safe.
/// </summary>
internal sealed class GrammarRules
{
    private readonly int[] _starts, _ruleOf;
    private readonly bool[] _areFinal;
    private readonly (int From, int To)[] _empty;
    private readonly (int From, int Symbol, int To)[] _lexemeMoves, _ruleMoves;

    public GrammarRules(GrammarBuilder builder, RegexFactory regexes, ByteClasses classes)
    {
        _starts = builder.Starts;
        _ruleOf = builder.RuleOfStates;
        _areFinal = builder.AreFinal;
        Lexemes = builder.Lexemes;
        var lengths = new int[Lexemes.Length];
        for (int i = 0; i < lengths.Length; i++)
        {
            try
            {
                lengths[i] = regexes.FindDistance(Lexemes[i], classes);
            }
            catch (GrammarLimitException exception)
            {
                throw builder.Locate(i, exception);
            }
        }

        ByteCosts = new RuleCosts(_starts, _areFinal, builder.EmptyMoves, builder.LexemeMoves, builder.RuleMoves, lengths);
        if (ByteCosts.OfRule(0) == RuleCosts.Unreachable)
            throw new UnsatisfiableGrammarException();

        _empty = [.. builder.EmptyMoves.Where(move => IsUseful(move.To))];
        _lexemeMoves = [.. builder.LexemeMoves.Where(move => IsUseful(move.To) && lengths[move.Symbol] != RegexNode.Unreachable)];
        _ruleMoves = [.. builder.RuleMoves.Where(move => IsUseful(move.To) && IsUseful(_starts[move.Symbol]))];
        Empty = new MoveTable(_ruleOf.Length, _empty.Select(move => (move.From, -1, move.To)));
        LexemeMoves = new MoveTable(_ruleOf.Length, _lexemeMoves);
        RuleMoves = new MoveTable(_ruleOf.Length, _ruleMoves);
        AreNullable = FindNullable();
    }

    public RegexNode[] Lexemes { get; }

    public int RuleCount => _starts.Length;

    public int StateCount => _ruleOf.Length;

    /// <summary>Transitions that read nothing.</summary>
    public MoveTable Empty { get; }

    public MoveTable LexemeMoves { get; }

    public MoveTable RuleMoves { get; }

    /// <summary>The least number of bytes from each state to the end of its rule.</summary>
    public RuleCosts ByteCosts { get; }

    /// <summary>For each rule, whether it derives the empty text.</summary>
    public bool[] AreNullable { get; }

    public int StartOf(int rule) => _starts[rule];

    public int RuleOf(int state) => _ruleOf[state];

    public bool IsFinal(int state) => _areFinal[state];

    /// <summary>Uses the costs of the lexemes to compute the least cost from each state to the end of its rule.</summary>
    public RuleCosts ComputeCosts(int[] lexemeCosts) => new(_starts, _areFinal, _empty, _lexemeMoves, _ruleMoves, lexemeCosts);

    private bool IsUseful(int state) => ByteCosts[state] != RuleCosts.Unreachable;

    // A lexeme has at least one byte, so a rule whose least number of bytes is 0 derives the empty text.
    private bool[] FindNullable() => [.. _starts.Select(start => ByteCosts[start] == 0)];
}
