using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>
/// Parses the text of a pattern into a syntax tree. The parser is as lenient as browsers: an opening brace that does not begin a repetition count
/// stands for itself, and so does a closing brace or bracket that closes nothing.
/// </summary>
internal sealed class PatternParser
{
    /// <summary>The maximum depth of nested groups.</summary>
    public const int MaxDepth = 200;

    private readonly PatternCursor _cursor;
    private readonly PatternClassReader _classes;
    private PatternOptions _options;
    private int _depth;

    private PatternParser(string pattern, PatternOptions options)
    {
        _cursor = new PatternCursor(pattern);
        _classes = new PatternClassReader(_cursor);
        _options = options;
    }

    private bool IsDotNet => _options.HasFlag(PatternOptions.DotNet);

    public static PatternNode Parse(string pattern, PatternOptions options)
    {
        var parser = new PatternParser(pattern, options);
        PatternNode node = parser.ReadChoice();
        return parser._cursor.IsAtEnd ? node : throw parser._cursor.Fault("')' closes a group that is not open");
    }

    private PatternNode ReadChoice()
    {
        var parts = new List<PatternNode>();
        do
            parts.Add(ReadSequence());
        while (_cursor.TryRead("|"));
        return PatternNode.Choice(parts);
    }

    private PatternNode ReadSequence()
    {
        var parts = new List<PatternNode>();
        while (!_cursor.IsAtEnd && _cursor.Next is not ('|' or ')'))
        {
            int start = _cursor.Position;
            PatternNode? part = ReadItem();
            if (part is not null)
                parts.Add(ReadRepeat(part, start));
        }

        return PatternNode.Sequence(parts);
    }

    private PatternNode ReadRepeat(PatternNode part, int start)
    {
        int minimum = 0, maximum = int.MaxValue, position = _cursor.Position;
        if (_cursor.TryRead("+"))
            minimum = 1;
        else if (_cursor.TryRead("?"))
            maximum = 1;
        else if (!_cursor.TryRead("*") && !(_cursor.Next == '{' && _cursor.TryReadCounts(out minimum, out maximum)))
            return part;
        if (maximum < minimum)
            throw PatternCursor.Fault("the counts of a repetition are in reverse order", position);
        bool isAssertion = part.Position == start && part.Kind is not (PatternNodeKind.Set or PatternNodeKind.Sequence or PatternNodeKind.Choice or PatternNodeKind.Repeat);
        if (isAssertion && !IsDotNet)
            throw PatternCursor.Fault("an assertion cannot be repeated", start);

        // A lazy repetition matches the same texts as a greedy one.
        _cursor.TryRead("?");
        if (_cursor.Next is '*' or '+' or '?')
            throw _cursor.Fault("to repeat a repetition, put it into a group; possessive repetitions are not supported");
        return PatternNode.Repeat(part, minimum, maximum);
    }

    // Reads one character, assertion or group. Returns null after reading a comment or options.
    private PatternNode? ReadItem()
    {
        int position = _cursor.Position;
        if (_cursor.TryRead("("))
            return ReadGroup(position);
        if (_cursor.TryRead("["))
            return PatternNode.OfSet(_classes.ReadClass(_options));
        if (_cursor.TryRead("."))
            return PatternNode.OfSet(_options.HasFlag(PatternOptions.Singleline) ? CodePointSet.All : PatternClassReader.LineEnds(_options).Complement());
        if (_cursor.TryRead("^"))
            return PatternNode.Assertion(_options.HasFlag(PatternOptions.Multiline) ? PatternNodeKind.LineStart : PatternNodeKind.TextStart, position);
        if (_cursor.TryRead("$"))
        {
            PatternNodeKind kind = _options.HasFlag(PatternOptions.Multiline) ? PatternNodeKind.LineEnd
                : IsDotNet ? PatternNodeKind.LastLineEnd : PatternNodeKind.TextEnd;
            return PatternNode.Assertion(kind, position);
        }

        if (_cursor.TryRead("\\"))
            return ReadEscape(position);
        if (_cursor.Next is '*' or '+' or '?' || (_cursor.Next == '{' && _cursor.TryReadCounts(out _, out _)))
            throw PatternCursor.Fault("there is nothing to repeat", position);
        return PatternNode.OfSet(PatternClassReader.Fold(CodePointSet.Of(_cursor.ReadCharacter()), _options));
    }

    private PatternNode ReadEscape(int position)
    {
        if (_cursor.TryRead("b"))
            return PatternNode.Assertion(PatternNodeKind.WordBoundary, position);
        if (_cursor.TryRead("B"))
            return PatternNode.Assertion(PatternNodeKind.WordBoundary, position, isNegated: true);
        if (IsDotNet)
        {
            if (_cursor.TryRead("A"))
                return PatternNode.Assertion(PatternNodeKind.TextStart, position);
            if (_cursor.TryRead("z"))
                return PatternNode.Assertion(PatternNodeKind.TextEnd, position);
            if (_cursor.TryRead("Z"))
                return PatternNode.Assertion(PatternNodeKind.LastLineEnd, position);
        }

        return PatternNode.OfSet(_classes.ReadEscape(_options));
    }

    private PatternNode? ReadGroup(int position)
    {
        PatternOptions outer = _options;
        if (_cursor.TryRead("?="))
            return PatternNode.Assertion(PatternNodeKind.Look, position, isNegated: false, ReadBody(position, outer));
        if (_cursor.TryRead("?!"))
            return PatternNode.Assertion(PatternNodeKind.Look, position, isNegated: true, ReadBody(position, outer));
        if (_cursor.TryRead("?<=") || _cursor.TryRead("?<!"))
            throw PatternCursor.Fault("lookbehind is not supported", position);
        if (_cursor.TryRead("?>"))
            throw PatternCursor.Fault("atomic groups are not supported", position);
        if (_cursor.TryRead("?("))
            throw PatternCursor.Fault("conditions are not supported", position);
        if (IsDotNet && _cursor.TryRead("?#"))
        {
            _cursor.ReadUntil(')');
            return null;
        }

        if (_cursor.TryRead("?<"))
            ReadName(position, '>');
        else if (IsDotNet && _cursor.TryRead("?'"))
            ReadName(position, '\'');
        else if (_cursor.TryRead("?") && !_cursor.TryRead(":") && ReadOptions(position))
            return null;
        return ReadBody(position, outer);
    }

    private void ReadName(int position, char end)
    {
        string name = _cursor.ReadUntil(end);
        if (name.Length == 0 || !name.All(character => char.IsLetterOrDigit(character) || character is '_' or '$'))
            throw PatternCursor.Fault($"the name '{name}' of a group is not supported", position);
    }

    // Reads options such as i-s. Returns true if the options apply up to the end of the group around them; false if they apply only to the group that
    // they begin.
    private bool ReadOptions(int position)
    {
        bool isOn = true;
        while (!_cursor.IsAtEnd)
        {
            if (_cursor.TryRead(":"))
                return false;
            if (IsDotNet && _cursor.TryRead(")"))
                return true;
            if (_cursor.TryRead("-") && isOn)
            {
                isOn = false;
                continue;
            }

            PatternOptions option = _cursor.Next switch
            {
                'i' => PatternOptions.IgnoreCase,
                'm' => PatternOptions.Multiline,
                's' => PatternOptions.Singleline,
                'n' when IsDotNet => PatternOptions.None,
                _ => throw PatternCursor.Fault("this kind of group is not supported", position),
            };
            _cursor.ReadCharacter();
            _options = isOn ? _options | option : _options & ~option;
        }

        throw PatternCursor.Fault("a group is not closed", position);
    }

    private PatternNode ReadBody(int position, PatternOptions outer)
    {
        GrammarLimitException.ThrowIfAbove(++_depth, MaxDepth, "nested groups in a pattern");
        PatternNode node = ReadChoice();
        if (!_cursor.TryRead(")"))
            throw PatternCursor.Fault("a group is not closed", position);
        _depth--;
        _options = outer;
        return node;
    }
}
