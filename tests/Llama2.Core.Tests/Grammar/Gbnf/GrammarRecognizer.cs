using System.Text;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Tests.Grammar.Gbnf;

/// <summary>
/// Decides whether a grammar derives a text. For each state and each position of the text, it computes the set of positions at which a match can end,
/// and repeats this until no set grows.
/// </summary>
internal sealed class GrammarRecognizer
{
    private readonly GrammarRules _rules;
    private readonly RegexFactory _regexes;
    private readonly byte[] _text;
    private readonly HashSet<int>?[,] _ends;
    private bool _isChanged;

    private GrammarRecognizer(GrammarBuilder builder, string text)
    {
        _rules = builder.Build(out _);
        _regexes = builder.Regexes;
        _text = Encoding.UTF8.GetBytes(text);
        _ends = new HashSet<int>?[_rules.StateCount, _text.Length + 1];
    }

    public static bool Derives(GrammarBuilder builder, string text)
    {
        var recognizer = new GrammarRecognizer(builder, text);
        int start = recognizer._rules.StartOf(0);
        HashSet<int> ends;
        do
        {
            recognizer._isChanged = false;
            ends = recognizer.Ends(start, 0);
            for (int state = 0; state < recognizer._rules.StateCount; state++)
            {
                for (int place = 0; place <= recognizer._text.Length; place++)
                {
                    if (recognizer._ends[state, place] is not null)
                        recognizer.Extend(state, place);
                }
            }
        }
        while (recognizer._isChanged);
        return ends.Contains(recognizer._text.Length);
    }

    private HashSet<int> Ends(int state, int place)
    {
        if (_ends[state, place] is null)
        {
            _ends[state, place] = [];
            _isChanged = true;
        }

        return _ends[state, place]!;
    }

    private void Extend(int state, int place)
    {
        HashSet<int> ends = Ends(state, place);
        int count = ends.Count;
        if (_rules.IsFinal(state))
            ends.Add(place);
        foreach (Move move in _rules.Empty[state].ToArray())
            ends.UnionWith([.. Ends(move.Target, place)]);
        foreach (Move move in _rules.RuleMoves[state].ToArray())
        {
            foreach (int end in Ends(_rules.StartOf(move.Symbol), place).ToArray())
                ends.UnionWith([.. Ends(move.Target, end)]);
        }

        foreach (Move move in _rules.LexemeMoves[state].ToArray())
        {
            RegexNode node = _rules.Lexemes[move.Symbol];
            for (int end = place; end < _text.Length;)
            {
                node = _regexes.Derive(node, _text[end++]);
                if (node.IsNullable)
                    ends.UnionWith([.. Ends(move.Target, end)]);
            }
        }

        _isChanged |= ends.Count > count;
    }
}
