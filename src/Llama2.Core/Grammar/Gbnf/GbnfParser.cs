using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Gbnf;

/// <summary>
/// Reads a text in GBNF: rules <c>name ::= …</c> with literals, classes, groups, <c>|</c> and repetition counts. A rule ends at the end of its line,
/// unless a group is open or the line ends with <c>|</c>. A comment begins with <c>#</c>.
/// </summary>
internal sealed class GbnfParser
{
    private const int MaxDepth = 200;

    private readonly GbnfCursor _cursor;
    private readonly Utf8Text _encoding;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<RuleExpression?> _rules = [];
    private readonly List<(string Name, int Position)> _firstUses = [];

    private GbnfParser(string text, RegexFactory regexes)
    {
        _cursor = new GbnfCursor(text);
        _encoding = new Utf8Text(regexes);
    }

    /// <summary>Returns the right sides of the rules. A right side names a rule by the rule's index in this array; <c>root</c> has index 0.</summary>
    public static RuleExpression[] Parse(string text, RegexFactory regexes)
    {
        var parser = new GbnfParser(text, regexes);
        int root = parser.NumberOf("root", 0);
        parser._cursor.SkipSpace(mayEndLine: true);
        while (!parser._cursor.IsAtEnd)
            parser.ReadRule();
        if (parser._rules[root] is null)
            throw parser._cursor.Fault("there is no rule 'root'");
        int missing = parser._rules.IndexOf(null);
        return missing < 0
            ? [.. parser._rules.Select(rule => rule!)]
            : throw parser._cursor.Fault($"the rule '{parser._firstUses[missing].Name}' is not defined", parser._firstUses[missing].Position);
    }

    private int NumberOf(string name, int position)
    {
        if (!_numbers.TryGetValue(name, out int number))
        {
            _numbers.Add(name, number = _rules.Count);
            _rules.Add(null);
            _firstUses.Add((name, position));
        }

        return number;
    }

    private void ReadRule()
    {
        int start = _cursor.Position;
        string name = _cursor.ReadName();
        if (name.Length == 0)
            throw _cursor.Fault("the name of a rule is expected");
        int number = NumberOf(name, start);
        if (_rules[number] is not null)
            throw _cursor.Fault($"the rule '{name}' is defined twice", start);
        _cursor.SkipSpace(mayEndLine: false);
        _cursor.Read("::=");
        _cursor.SkipSpace(mayEndLine: true);
        _rules[number] = ReadChoice(0);
        if (!_cursor.IsAtEnd && _cursor.Next is not ('\r' or '\n'))
            throw _cursor.Fault("a literal, class, rule or group is expected, or the end of the line");
        _cursor.SkipSpace(mayEndLine: true);
    }

    private RuleExpression ReadChoice(int depth)
    {
        GrammarLimitException.ThrowIfAbove(depth, MaxDepth, "nested groups in a grammar");
        var parts = new List<RuleExpression> { ReadSequence(depth) };
        while (_cursor.TryRead("|"))
        {
            _cursor.SkipSpace(mayEndLine: true);
            parts.Add(ReadSequence(depth));
        }

        return parts.Count == 1 ? parts[0] : RuleExpression.Choice([.. parts]);
    }

    private RuleExpression ReadSequence(int depth)
    {
        var parts = new List<RuleExpression>();
        while (ReadItem(depth) is { } item)
        {
            _cursor.SkipSpace(mayEndLine: depth > 0);
            for (int count = 1; TryReadCounts(depth, out int minimum, out int maximum); count++)
            {
                GrammarLimitException.ThrowIfAbove(count, MaxDepth, "repetition operators after one symbol in a grammar");
                item = RuleExpression.Repeat(item, minimum, maximum);
            }

            parts.Add(item);
        }

        return parts.Count == 1 ? parts[0] : RuleExpression.Sequence([.. parts]);
    }

    // Reads one literal, class, rule name or group. Returns null if none of these comes next.
    private RuleExpression? ReadItem(int depth)
    {
        int start = _cursor.Position;
        if (_cursor.TryRead("\""))
            return ReadLiteral();
        if (_cursor.TryRead("["))
            return ReadClass();
        if (_cursor.TryRead("."))
            return RuleExpression.OfLexeme(_encoding.AnyCharacter);
        if (_cursor.TryRead("("))
        {
            _cursor.SkipSpace(mayEndLine: true);
            RuleExpression group = ReadChoice(depth + 1);
            if (!_cursor.TryRead(")"))
                throw _cursor.Fault(_cursor.IsAtEnd ? "a group is not closed" : "a literal, class, rule or group is expected, or ')'", _cursor.IsAtEnd ? start : null);
            return group;
        }

        if (_cursor.Next is '<' or '!')
            throw _cursor.Fault("tokens are not supported; write their text as a literal");
        if (_cursor.Next is '*' or '+' or '?' or '{')
            throw _cursor.Fault("there is nothing to repeat");
        string name = _cursor.ReadName();
        return name.Length == 0 ? null : RuleExpression.OfRule(NumberOf(name, start));
    }

    private RuleExpression ReadLiteral()
    {
        var characters = new List<RegexNode>();
        while (!_cursor.TryRead("\""))
            characters.Add(_encoding.Set(CodePointSet.Of(_cursor.ReadCharacter())));
        return RuleExpression.OfLexeme(_encoding.Factory.Sequence([.. characters]));
    }

    private RuleExpression ReadClass()
    {
        bool isNegated = _cursor.TryRead("^");
        var ranges = new List<(int First, int Last)>();
        while (!_cursor.TryRead("]"))
        {
            int start = _cursor.Position, first = _cursor.ReadCharacter(), last = first;
            if (_cursor.TryRead("-"))
            {
                if (_cursor.Next == ']')
                    ranges.Add(('-', '-'));
                else
                    last = _cursor.ReadCharacter();
            }

            if (last < first)
                throw _cursor.Fault("the range of a class is in reverse order", start);
            ranges.Add((first, last));
        }

        var set = CodePointSet.Of(ranges);
        return RuleExpression.OfLexeme(_encoding.Set(isNegated ? set.Complement() : set));
    }

    private bool TryReadCounts(int depth, out int minimum, out int maximum)
    {
        int start = _cursor.Position;
        (minimum, maximum) = (0, int.MaxValue);
        if (_cursor.TryRead("+"))
        {
            minimum = 1;
        }
        else if (_cursor.TryRead("?"))
        {
            maximum = 1;
        }
        else if (_cursor.TryRead("{"))
        {
            _cursor.SkipSpace(mayEndLine: false);
            minimum = _cursor.Next == ',' ? 0 : _cursor.ReadNumber();
            _cursor.SkipSpace(mayEndLine: false);
            maximum = minimum;
            if (_cursor.TryRead(","))
            {
                _cursor.SkipSpace(mayEndLine: false);
                maximum = _cursor.Next == '}' ? int.MaxValue : _cursor.ReadNumber();
                _cursor.SkipSpace(mayEndLine: false);
            }

            _cursor.Read("}");
            if (maximum < minimum)
                throw _cursor.Fault("the counts of a repetition are in reverse order", start);
        }
        else if (!_cursor.TryRead("*"))
        {
            return false;
        }

        _cursor.SkipSpace(mayEndLine: depth > 0);
        return true;
    }
}
