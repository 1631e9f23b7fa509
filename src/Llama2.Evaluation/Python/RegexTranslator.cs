using System.Globalization;
using System.Text;

namespace Llama2.Evaluation.Python;

/// <summary>
/// Translates a regular expression of Python's module <c>re</c> (https://docs.python.org/3.11/library/re.html) to .NET. Both have almost the same
/// language; this class rewrites what differs: the names of groups, which .NET would number after those without names; <c>\w</c> and <c>\s</c>; <c>\Z</c>;
/// <c>{,n}</c>; possessive quantifiers; octal and long escapes; and brackets in character classes. A character above U+FFFF, which is two in .NET's
/// strings, is matched as one; it counts as no letter and no digit. <c>\b</c> keeps .NET's definition, which differs only for marks and some
/// punctuation.
/// </summary>
/// <param name="pattern">The expression.</param>
internal sealed class RegexTranslator(string pattern)
{
    // Python allows 100 nested groups at most in practice; each level is a call here.
    private const int MaxDepth = 100;

    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private int _offset, _groupCount;

    /// <summary>The groups that have names, with their numbers.</summary>
    public IReadOnlyDictionary<string, int> Names => _names;

    /// <summary>The number of capturing groups.</summary>
    public int GroupCount => _groupCount;

    /// <summary>Translates the expression.</summary>
    /// <exception cref="FormatException">The expression is malformed, or uses a feature that cannot be translated.</exception>
    public string Translate()
    {
        ReadAlternatives(0);
        return _offset == pattern.Length ? _output.ToString() : throw Fault("has a ')' without a '('");
    }

    private bool AtEnd => _offset >= pattern.Length;

    private void ReadAlternatives(int depth)
    {
        if (depth > MaxDepth)
            throw Fault($"has more than {MaxDepth} groups within each other");
        while (!AtEnd && pattern[_offset] != ')')
        {
            int start = _output.Length;
            if (pattern[_offset] is '|')
                _output.Append(pattern[_offset++]);
            else if (ReadAtom(depth))
                ReadQuantifiers(start);
        }
    }

    // Returns whether a quantifier may follow.
    private bool ReadAtom(int depth)
    {
        char c = pattern[_offset++];
        switch (c)
        {
            case '(':
                return ReadGroup(depth);
            case '[':
                _offset = RegexClass.Translate(pattern, _offset, _output);
                return true;
            case '\\':
                ReadEscape();
                return true;
            case '.':
                _output.Append(RegexClass.OrPair(".", includesPairs: true));
                return true;
            case '{' or '}' or ']':
                _output.Append('\\').Append(c);
                return true;
            default:
                if (char.IsHighSurrogate(c) && !AtEnd)
                    _output.Append("(?:").Append(c).Append(pattern[_offset++]).Append(')');
                else
                    _output.Append(c);
                return true;
        }
    }

    private void ReadQuantifiers(int start)
    {
        if (AtEnd || !TryReadQuantifier(out string quantifier))
            return;
        char mode = AtEnd ? '\0' : pattern[_offset];
        if (mode is '?')
        {
            _offset++;
            _output.Append(quantifier).Append('?');
        }
        else if (mode is '+')
        {
            _offset++;
            _output.Insert(start, "(?>").Append(quantifier).Append(')');
        }
        else
        {
            _output.Append(quantifier);
        }

        int next = _offset;
        if (!AtEnd && TryReadQuantifier(out _))
        {
            _offset = next;
            throw Fault("has a quantifier after a quantifier");
        }
    }

    private bool TryReadQuantifier(out string quantifier)
    {
        quantifier = "";
        if (pattern[_offset] is '*' or '+' or '?')
        {
            quantifier = pattern[_offset++].ToString();
            return true;
        }

        if (pattern[_offset] != '{')
            return false;
        int end = pattern.IndexOf('}', _offset);
        if (end < 0)
            return false;
        string[] bounds = pattern[(_offset + 1)..end].Split(',');
        if (bounds.Length > 2 || (bounds.Length == 1 && bounds[0].Length == 0) || !bounds.All(bound => bound.All(char.IsAsciiDigit)))
            return false;
        string least = bounds[0].Length == 0 ? "0" : bounds[0];
        quantifier = bounds.Length == 1 ? $"{{{least}}}" : $"{{{least},{bounds[1]}}}";
        _offset = end + 1;
        return true;
    }

    private bool ReadGroup(int depth)
    {
        if (AtEnd || pattern[_offset] != '?')
        {
            _groupCount++;
            _output.Append('(');
        }
        else if (TakeIf("?P<"))
        {
            string name = ReadUntil('>');
            if (!_names.TryAdd(name, ++_groupCount))
                throw Fault($"has two groups named '{name}'");
            _output.Append('(');
        }
        else if (TakeIf("?P="))
        {
            _output.Append("(?:\\").Append(NumberOf(ReadUntil(')'))).Append(')');
            return true;
        }
        else if (TakeIf("?#"))
        {
            ReadUntil(')');
            return false;
        }
        else if (TakeIf("?("))
        {
            _output.Append("(?(").Append(NumberOf(ReadUntil(')'))).Append(')');
        }
        else if (TakeAny("?:", "?=", "?!", "?<=", "?<!", "?>") is { } opening)
        {
            _output.Append('(').Append(opening);
        }
        else if (!ReadFlags())
        {
            return false;
        }

        ReadAlternatives(depth + 1);
        if (AtEnd)
            throw Fault("has a '(' without a ')'");
        _offset++;
        _output.Append(')');
        return true;
    }

    // Returns whether the flags belong to a group, (?i:...), rather than to the whole expression, (?i).
    private bool ReadFlags()
    {
        int start = ++_offset;
        while (!AtEnd && pattern[_offset] is 'i' or 'm' or 's' or 'u' or '-')
            _offset++;
        string flags = pattern[start.._offset].Replace("u", "", StringComparison.Ordinal);
        if (AtEnd || pattern[_offset] is not (':' or ')') || _offset == start)
            throw Fault("has a kind of group that is unknown or not supported", start - 1);
        if (pattern[_offset++] == ':')
        {
            _output.Append("(?").Append(flags).Append(':');
            return true;
        }

        if (start != 2)
            throw Fault("has flags that are not at its beginning", start - 1);
        if (flags.Length > 0)
            _output.Append("(?").Append(flags).Append(')');
        return false;
    }

    private void ReadEscape()
    {
        if (AtEnd)
            throw Fault("ends with a backslash");
        char c = pattern[_offset];
        if (c is >= '1' and <= '9' && !IsOctal())
        {
            int start = _offset;
            for (_offset++; !AtEnd && _offset - start < 2 && char.IsAsciiDigit(pattern[_offset]);)
                _offset++;
            _output.Append("(?:\\").Append(NumberOf(pattern[start.._offset])).Append(')');
            return;
        }

        if (c is 'A' or 'b' or 'B' or 'Z')
        {
            _output.Append('\\').Append(c == 'Z' ? 'z' : c);
            _offset++;
        }
        else if (RegexClass.Category(c) is { } members)
        {
            _output.Append(RegexClass.OrPair($"[{(char.IsUpper(c) ? "^" : "")}{members}]", char.IsUpper(c)));
            _offset++;
        }
        else
        {
            (int code, _offset) = RegexClass.ReadEscape(pattern, _offset);
            RegexClass.Append(_output, code);
        }
    }

    // Three octal digits are a character; fewer are a group's number.
    private bool IsOctal() => _offset + 2 < pattern.Length && pattern.AsSpan(_offset, 3).IndexOfAnyExceptInRange('0', '7') < 0;

    private int NumberOf(string group)
    {
        if (_names.TryGetValue(group, out int number) || int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return number > 0 && number <= _groupCount ? number : throw Fault($"refers to the group {number}, which does not exist before it");
        throw Fault($"refers to a group '{group}' that does not exist");
    }

    private bool TakeIf(string text)
    {
        bool isNext = pattern.AsSpan(_offset).StartsWith(text, StringComparison.Ordinal);
        _offset += isNext ? text.Length : 0;
        return isNext;
    }

    private string? TakeAny(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            if (TakeIf(text))
                return text;
        }

        return null;
    }

    private string ReadUntil(char end)
    {
        int start = _offset, found = pattern.IndexOf(end, start);
        if (found < 0)
            throw Fault($"has no '{end}' that ends a group");
        _offset = found + 1;
        return pattern[start..found];
    }

    private FormatException Fault(string what) => Fault(what, _offset);

    private static FormatException Fault(string what, int offset) => new(string.Create(CultureInfo.InvariantCulture, $"{what} (at character {offset + 1})"));
}
