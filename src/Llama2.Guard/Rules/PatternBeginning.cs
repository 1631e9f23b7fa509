using System.Text.RegularExpressions;

namespace Llama2.Guard.Rules;

/// <summary>
/// Derives from a regular expression another one, which matches every beginning of the first one's matches, and possibly more. With it, an unfinished text can
/// be searched for a match whose end is missing. A beginning of AB is a beginning of A, or A and a beginning of B; a beginning of A|B is a beginning of A or of
/// B; a beginning of A* is A* and a beginning of A. Anchors are left out.
/// </summary>
internal sealed class PatternBeginning
{
    private const int MaxDepth = 32;
    private const int MaxSourceLength = 65_536;

    private readonly string _pattern;
    private int _position;

    private PatternBeginning(string pattern) => _pattern = pattern;

    /// <summary>
    /// The expression of the beginnings at the end of a text; null if the pattern has a form that this class does not parse, or the expression is too large.
    /// </summary>
    /// <param name="pattern">A valid pattern without lookarounds, backreferences and atomic groups.</param>
    /// <param name="timeout">The time that a search may take.</param>
    public static Regex? TryCreate(string pattern, TimeSpan timeout)
    {
        try
        {
            var reader = new PatternBeginning(pattern);
            string options = reader.ReadOptions();
            (_, string begin) = reader.ReadAlternatives(0);
            return reader._position < pattern.Length || begin.Length > MaxSourceLength ? null
                : new Regex($"{options}(?:{begin})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, timeout);
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    // Options at the beginning hold for the whole pattern. Options elsewhere are not parsed.
    private string ReadOptions()
    {
        int end = _pattern.StartsWith("(?", StringComparison.Ordinal) ? _pattern.IndexOf(')') : -1;
        if (end < 3 || _pattern.AsSpan(2, end - 2).ContainsAnyExcept("imsn"))
            return "";
        _position = end + 1;
        return _pattern[.._position];
    }

    private (string Whole, string Begin) ReadAlternatives(int depth)
    {
        if (depth > MaxDepth)
            throw new NotSupportedException("The groups are nested too deeply.");
        List<string> wholes = [], begins = [];
        do
        {
            (string whole, string begin) = ReadSequence(depth);
            wholes.Add(whole);
            begins.Add(begin);
        }
        while (Take('|'));
        return ($"(?:{string.Join('|', wholes)})", $"(?:{string.Join('|', begins)})");
    }

    private (string Whole, string Begin) ReadSequence(int depth)
    {
        List<(string Whole, string Begin)> items = [];
        while (_position < _pattern.Length && _pattern[_position] is not ('|' or ')'))
            items.Add(ReadQuantified(depth));
        string begin = "";
        for (int i = items.Count - 1; i >= 0; i--)
            begin = i == items.Count - 1 ? items[i].Begin : $"(?:{items[i].Whole}{begin}|{items[i].Begin})";
        string sequence = string.Concat(items.Select(item => item.Whole));
        return sequence.Length + begin.Length <= MaxSourceLength ? (sequence, begin) : throw new NotSupportedException("The expression is too large.");
    }

    private (string Whole, string Begin) ReadQuantified(int depth)
    {
        (string whole, string begin) = ReadItem(depth);
        while (_position < _pattern.Length && ReadQuantifier() is { } quantifier)
        {
            // The beginning of the last repetition comes after any number of whole ones.
            begin = whole.Length == 0 ? "" : quantifier.Most is int most ? $"(?:{whole}{{0,{Math.Max(0, most - 1)}}}{begin})" : $"(?:{whole}*{begin})";
            whole = whole.Length == 0 ? "" : $"(?:{whole}{quantifier.Text})";
        }

        return (whole, begin);
    }

    // Braces that look like a quantifier but are not one are text.
    private (string Text, int? Most)? ReadQuantifier()
    {
        int start = _position, end = start + 1;
        int? most = _pattern[start] == '?' ? 1 : null;
        if (_pattern[start] == '{')
        {
            end = _pattern.IndexOf('}', start) + 1;
            string[] limits = end == 0 ? [] : _pattern[(start + 1)..(end - 1)].Split(',');
            if (limits.Length is 0 or > 2 || !IsNumber(limits[0]) || !(limits[^1].Length == 0 || IsNumber(limits[^1])))
                return null;
            most = limits[^1].Length == 0 ? null : int.Parse(limits[^1], System.Globalization.CultureInfo.InvariantCulture);
        }
        else if (_pattern[start] is not ('*' or '+' or '?'))
        {
            return null;
        }

        _position = end;
        Take('?');
        return (_pattern[start..end], most);
    }

    private (string Whole, string Begin) ReadItem(int depth)
    {
        int start = _position++;
        switch (_pattern[start])
        {
            case '(':
                SkipGroupHead();
                (string Whole, string Begin) group = ReadAlternatives(depth + 1);
                return Take(')') ? group : throw new NotSupportedException("A group has no end.");
            case '[':
                SkipClass();
                break;
            case '^' or '$':
                return ("", "");
            case '\\':
                char kind = _pattern[_position++];
                if (kind is 'b' or 'B' or 'A' or 'Z' or 'z' or 'G')
                    return ("", "");
                if (kind is 'p' or 'P')
                    _position = _pattern.IndexOf('}', _position) + 1;
                else if (kind is 'x' or 'u' or 'c')
                    _position += kind switch { 'x' => 2, 'u' => 4, _ => 1 };
                else if (char.IsAsciiDigit(kind) || kind == 'k')
                    throw new NotSupportedException("Octal numbers and references are not parsed.");
                break;
        }

        string item = _pattern[start.._position];
        return (item, $"{item}?");
    }

    private void SkipGroupHead()
    {
        if (!Take('?'))
            return;
        if (Take(':'))
            return;
        char close = Take('<') ? '>' : Take('\'') ? '\'' : throw new NotSupportedException("Options within a pattern and comments are not parsed.");
        int end = _pattern.IndexOf(close, _position);
        bool isName = end > _position && _pattern[_position..end].All(character => char.IsLetterOrDigit(character) || character == '_');
        _position = isName ? end + 1 : throw new NotSupportedException("The group is not one with a name.");
    }

    // A bracket at the beginning of a class is a character; a class can be subtracted from another.
    private void SkipClass()
    {
        Take('^');
        Take(']');
        while (_position < _pattern.Length)
        {
            char character = _pattern[_position++];
            if (character == '\\')
                _position++;
            else if (character == ']')
                return;
            else if (character == '[' && _pattern[_position - 2] == '-')
                throw new NotSupportedException("Class subtractions are not parsed.");
        }
    }

    private bool Take(char character)
    {
        bool isNext = _position < _pattern.Length && _pattern[_position] == character;
        _position += isNext ? 1 : 0;
        return isNext;
    }

    private static bool IsNumber(string text) => text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit);
}
