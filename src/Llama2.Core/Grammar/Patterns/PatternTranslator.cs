using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>
/// Translates a pattern into a regular expression for whole texts, from the right end of the pattern to its left end. Each node is translated together with the
/// rest: the texts that may follow the node, up to the end of the whole text. So an assertion restricts the rest: <c>(?!x)</c> removes the texts
/// that begin with x from the rest, and <c>$</c> keeps only the empty text. The translation of an assertion about the text before a place
/// (<c>^</c>, <c>\b</c>) depends on the <see cref="PatternPlace"/>.
/// </summary>
internal sealed class PatternTranslator
{
    /// <summary>The maximum number of copies of repeated parts; a repetition of a part with assertions is written out as copies of the part.</summary>
    public const int MaxUnrolledCount = 2_000;

    private readonly TextEncoding _encoding;
    private readonly RegexFactory _factory;
    private readonly PatternRest _anything;
    private readonly CodePointSet[] _characters;
    private readonly Dictionary<PatternNode, RegexNode> _regular = [];
    private readonly CodePointSet _lineEnds, _word;
    private bool _isEndRefused;
    private int _unrolledCount;

    public PatternTranslator(TextEncoding encoding, PatternOptions options)
    {
        _encoding = encoding;
        _factory = encoding.Factory;
        _lineEnds = PatternClassReader.LineEnds(options);
        _word = PatternClassReader.Word(options);
        _characters = [CodePointSet.None, _word, _lineEnds, _word.Union(_lineEnds).Complement()];
        RegexNode anyText = encoding.AnyText;
        _anything = new PatternRest(_ => anyText);
    }

    /// <summary>Matches the texts that contain a match of the pattern anywhere.</summary>
    public RegexNode Search(PatternNode node)
    {
        PatternRest rest = Translate(node, _anything);
        if (rest.IsUniform)
            return _factory.Sequence(_encoding.AnyText, rest[PatternPlace.TextStart]);
        return _factory.Either(rest[PatternPlace.TextStart], AfterSome(Some(_encoding.AnyText), rest));
    }

    /// <summary>Matches the texts that match the pattern from their start to their end.</summary>
    public RegexNode Whole(PatternNode node) => Translate(node, new PatternRest(_ => _factory.Empty))[PatternPlace.TextStart];

    private PatternRest Translate(PatternNode node, PatternRest rest)
    {
        if (node.IsRegular && (rest.IsUniform || node.Kind is PatternNodeKind.Set or PatternNodeKind.Repeat))
            return After(Regular(node), rest);
        switch (node.Kind)
        {
            case PatternNodeKind.Sequence:
                for (int i = node.Parts.Length - 1; i >= 0; i--)
                    rest = Translate(node.Parts[i], rest);
                return rest;
            case PatternNodeKind.Choice:
                PatternRest[] alternatives = [.. node.Parts.Select(part => Translate(part, rest))];
                return new PatternRest(place => _factory.Either([.. alternatives.Select(alternative => alternative[place])]));
            case PatternNodeKind.Repeat:
                return TranslateRepeat(node, rest);
            case PatternNodeKind.Look:
                PatternRest seen = Translate(node.Parts[0], _anything);
                return new PatternRest(place => Keep(rest[place], seen[place], node.IsNegated));
            case PatternNodeKind.TextStart:
                return new PatternRest(place => place == PatternPlace.TextStart ? rest[place] : _factory.Nothing);
            case PatternNodeKind.LineStart:
                return new PatternRest(place => place is PatternPlace.TextStart or PatternPlace.AfterLineEnd ? rest[place] : _factory.Nothing);
            case PatternNodeKind.TextEnd:
                return new PatternRest(place => rest[place].IsNullable && !_isEndRefused ? _factory.Empty : _factory.Nothing);
            case PatternNodeKind.LineEnd:
                RegexNode newLine = _factory.Optional(_factory.Sequence(_encoding.Set(_lineEnds), _encoding.AnyText));
                return new PatternRest(place => Keep(rest[place], newLine, isNegated: false));
            case PatternNodeKind.LastLineEnd:
                RegexNode lineFeed = _factory.Optional(_encoding.Literal("\n"));
                return new PatternRest(place => Keep(rest[place], lineFeed, isNegated: false));
            default:
                RegexNode word = _factory.Sequence(_encoding.Set(_word), _encoding.AnyText);
                return new PatternRest(place => Keep(rest[place], word, (place == PatternPlace.AfterWord) ^ node.IsNegated));
        }
    }

    // Matches the texts that both the argument rest and the argument seen match. If isNegated is true, matches the texts that the argument rest matches and the
    // argument seen does not match. A rest
    // matches only valid text, so the result matches only valid text.
    private RegexNode Keep(RegexNode rest, RegexNode seen, bool isNegated)
    {
        if (seen == _encoding.AnyText)
            return isNegated ? _factory.Nothing : rest;
        if (isNegated)
            return _factory.Except(rest, seen);
        return rest == _encoding.AnyText ? seen : _factory.Both(rest, seen);
    }

    // Translates a node without assertions into an expression that does not include the text after the node.
    private RegexNode Regular(PatternNode node)
    {
        if (_regular.TryGetValue(node, out RegexNode? regular))
            return regular;
        regular = node.Kind switch
        {
            PatternNodeKind.Set => _encoding.Set(node.Characters),
            PatternNodeKind.Sequence => _factory.Sequence([.. node.Parts.Select(Regular)]),
            PatternNodeKind.Choice => _factory.Either([.. node.Parts.Select(Regular)]),
            _ => _factory.Repeat(Regular(node.Parts[0]), node.Minimum, node.Maximum),
        };
        _regular.Add(node, regular);
        return regular;
    }

    // An expression followed by the rest. The rest may depend on the last character of the text that the expression matches.
    private PatternRest After(RegexNode text, PatternRest rest)
    {
        if (rest.IsUniform)
        {
            RegexNode all = _factory.Sequence(text, rest[PatternPlace.TextStart]);
            return new PatternRest(_ => all);
        }

        RegexNode some = AfterSome(Some(text), rest);
        return new PatternRest(place => text.IsNullable ? _factory.Either(rest[place], some) : some);
    }

    // Does the same as the method After, for an expression that does not match the empty text.
    private RegexNode AfterSome(RegexNode text, PatternRest rest)
    {
        if (rest.IsUniformInside)
            return _factory.Sequence(text, rest[PatternPlace.AfterOther]);
        var alternatives = new List<RegexNode>();
        foreach (PatternPlace place in (PatternPlace[])[PatternPlace.AfterWord, PatternPlace.AfterLineEnd, PatternPlace.AfterOther])
        {
            RegexNode ending = _factory.Sequence(_encoding.AnyText, _encoding.Set(_characters[(int)place]));
            alternatives.Add(_factory.Sequence(_factory.Both(text, ending), rest[place]));
        }

        return _factory.Either([.. alternatives]);
    }

    // Matches the same texts as the given expression, except the empty text.
    private RegexNode Some(RegexNode text)
    {
        if (!text.IsNullable)
            return text;
        return text.Kind == RegexKind.Repeat && !text.Parts[0].IsNullable
            ? _factory.Repeat(text.Parts[0], 1, text.Maximum)
            : _factory.Both(text, _encoding.Length(1, int.MaxValue));
    }

    private PatternRest TranslateRepeat(PatternNode node, PatternRest rest)
    {
        PatternNode part = node.Parts[0];
        if (!part.Contains(PatternNodeKind.TextStart, PatternNodeKind.TextEnd) && FindDistantAssertion(part, 0) is null)
            return After(_factory.Repeat(Alone(part), node.Minimum, node.Maximum), rest);

        if (node.Maximum == int.MaxValue)
        {
            rest = TranslateStar(part, rest);
            for (int i = 0; i < node.Minimum; i++)
                rest = TranslateUnrolled(part, rest);
            return rest;
        }

        PatternRest end = rest;
        for (int i = node.Maximum; i > 0; i--)
        {
            PatternRest next = TranslateUnrolled(part, rest);
            rest = i <= node.Minimum ? next : new PatternRest(place => _factory.Either(next[place], end[place]));
        }

        return rest;
    }

    private PatternRest TranslateUnrolled(PatternNode part, PatternRest rest)
    {
        GrammarLimitException.ThrowIfAbove(++_unrolledCount, MaxUnrolledCount, "repetitions with assertions in a pattern");
        return Translate(part, rest);
    }

    // Translates any number of repetitions. A repetition that ends with $ can only be the last one, and a repetition that begins with ^ can only be
    // the first one.
    private PatternRest TranslateStar(PatternNode part, PatternRest rest)
    {
        if (TranslateGuarded(part, rest) is { } guarded)
            return guarded;
        if (FindDistantAssertion(part, 0) is { } assertion)
            throw new PatternException("an assertion in a repetition must not depend on text outside of the repetition", assertion.Position);

        RegexNode last = Alone(part);
        bool isEndRefused = _isEndRefused;
        _isEndRefused = true;
        RegexNode ordinary = Alone(part);
        _isEndRefused = isEndRefused;
        PatternRest ends = rest;
        if (last != ordinary && !_isEndRefused)
        {
            // Whether the text may end after the last repetition depends on the place after that repetition, not on the place before it.
            PatternRest final = After(last, new PatternRest(place => rest[place].IsNullable ? _factory.Empty : _factory.Nothing));
            ends = new PatternRest(place => _factory.Either(rest[place], final[place]));
        }

        PatternRest inside = After(_factory.Repeat(ordinary, 0, int.MaxValue), ends);
        if (!part.Contains(PatternNodeKind.TextStart))
            return inside;

        PatternRest first = Translate(part, new PatternRest(place => place == PatternPlace.TextStart ? _factory.Nothing : inside[place]));
        return new PatternRest(place => place == PatternPlace.TextStart ? _factory.Either(rest[place], first[place]) : inside[place]);
    }

    // Translates (?:(?!x)y)*, where no repetition may begin at a place where an x begins. Returns null if the node has another form, or if the rest is neither the
    // expression for every text nor the expression for the empty text only.
    private PatternRest? TranslateGuarded(PatternNode part, PatternRest rest)
    {
        if (part.Kind != PatternNodeKind.Sequence || part.Parts.Length != 2 || part.Parts[0] is not { Kind: PatternNodeKind.Look, IsNegated: true } guard)
            return null;
        if (part.Parts[1].Kind != PatternNodeKind.Set || !rest.IsUniform || guard.Contains(PatternNodeKind.TextStart, PatternNodeKind.WordBoundary, PatternNodeKind.LineStart))
            return null;
        if (rest[PatternPlace.TextStart] == _encoding.AnyText)
            return rest;
        if (rest[PatternPlace.TextStart] != _factory.Empty)
            return null;
        RegexNode seen = Translate(guard.Parts[0], _anything)[PatternPlace.AfterOther];
        RegexNode whole = _factory.Except(
            _factory.Repeat(Regular(part.Parts[1]), 0, int.MaxValue), _factory.Sequence(_encoding.AnyText, Some(seen)));
        return new PatternRest(_ => whole);
    }

    // Translates a part whose assertions depend only on the part itself, as if the part stood in the middle of a text.
    private RegexNode Alone(PatternNode part) => Translate(part, new PatternRest(_ => _factory.Empty))[PatternPlace.AfterOther];

    /// <summary>
    /// Finds an assertion that may depend on the text before or after a part; null if there is none. Assertions of the start and the end of the text
    /// do not count. A lookahead does not count if the part always reads at least as many characters after the lookahead as the lookahead reads.
    /// </summary>
    private static PatternNode? FindDistantAssertion(PatternNode part, int followingLength)
    {
        switch (part.Kind)
        {
            case PatternNodeKind.Set or PatternNodeKind.TextStart or PatternNodeKind.TextEnd:
                return null;
            case PatternNodeKind.Look:
                return part.Parts[0].IsRegular && part.Parts[0].MaximumLength <= followingLength ? null : part;
            case PatternNodeKind.Sequence:
                long length = followingLength;
                for (int i = part.Parts.Length - 1; i >= 0; i--)
                {
                    if (FindDistantAssertion(part.Parts[i], (int)Math.Min(length, PatternNode.NoMaximum - 1)) is { } found)
                        return found;
                    length += part.Parts[i].MinimumLength;
                }

                return null;
            case PatternNodeKind.Choice or PatternNodeKind.Repeat:
                return part.Parts.Select(inner => FindDistantAssertion(inner, followingLength)).FirstOrDefault(found => found is not null);
            default:
                return part;
        }
    }
}
