using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>
/// Decides whether a grammar matches a text, in the simplest way: Earley's algorithm over all positions, where a lexeme may end wherever its expression
/// matches. It is the reference for the faster code.
/// </summary>
internal sealed class PlainRecognizer
{
    private readonly GrammarRules _rules;
    private readonly RegexFactory _regexes;
    private readonly ByteClasses _classes;

    public PlainRecognizer(GrammarBuilder builder)
    {
        _regexes = builder.Regexes;
        _rules = builder.Build(out _classes);
    }

    public GrammarRules Rules => _rules;

    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        var rows = new HashSet<(int State, int Origin)>?[text.Length + 1];
        rows[0] = [(_rules.StartOf(0), 0)];
        for (int position = 0; position <= text.Length; position++)
        {
            if (rows[position] is { } row)
                Fill(rows, row, position, text);
            if (position < text.Length)
                continue;
            return rows[position]?.Any(item => item.Origin == 0 && _rules.RuleOf(item.State) == 0 && _rules.IsFinal(item.State)) ?? false;
        }

        return false;
    }

    private void Fill(HashSet<(int State, int Origin)>?[] rows, HashSet<(int State, int Origin)> row, int position, ReadOnlySpan<byte> text)
    {
        var pending = new Stack<(int State, int Origin)>(row);
        var endsOf = new Dictionary<int, List<int>>();
        var completedHere = new HashSet<int>();
        while (pending.TryPop(out (int State, int Origin) item))
        {
            foreach (Move move in _rules.Empty[item.State])
                Add(move.Target, item.Origin);
            foreach (Move move in _rules.RuleMoves[item.State])
            {
                Add(_rules.StartOf(move.Symbol), position);
                if (completedHere.Contains(move.Symbol))
                    Add(move.Target, item.Origin);
            }

            foreach (Move move in _rules.LexemeMoves[item.State])
            {
                if (!endsOf.TryGetValue(move.Symbol, out List<int>? ends))
                    endsOf.Add(move.Symbol, ends = FindEnds(_rules.Lexemes[move.Symbol], text, position));
                foreach (int end in ends)
                    (rows[end] ??= []).Add((move.Target, item.Origin));
            }

            if (!_rules.IsFinal(item.State))
                continue;
            int rule = _rules.RuleOf(item.State);
            if (item.Origin == position)
                completedHere.Add(rule);
            foreach ((int State, int Origin) waiting in rows[item.Origin]!.ToArray())
            {
                foreach (Move move in _rules.RuleMoves[waiting.State])
                {
                    if (move.Symbol == rule)
                        Add(move.Target, waiting.Origin);
                }
            }
        }

        void Add(int state, int origin)
        {
            if (row.Add((state, origin)))
                pending.Push((state, origin));
        }
    }

    private List<int> FindEnds(RegexNode node, ReadOnlySpan<byte> text, int start)
    {
        var ends = new List<int>();
        for (int i = start; i < text.Length; i++)
        {
            node = _regexes.Derive(node, _classes.ClassOf[text[i]], _classes);
            if (node == _regexes.Nothing)
                break;
            if (node.IsNullable)
                ends.Add(i + 1);
        }

        return ends;
    }
}
