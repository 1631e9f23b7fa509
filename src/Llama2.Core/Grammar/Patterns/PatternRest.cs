using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>
/// The texts that may follow a place, up to the end of the whole text. There is one expression for each <see cref="PatternPlace"/>. Immutable.
/// </summary>
internal sealed class PatternRest
{
    private const int PlaceCount = 4;

    private readonly RegexNode[] _rests;

    public PatternRest(Func<PatternPlace, RegexNode> rests)
    {
        _rests = new RegexNode[PlaceCount];
        for (int place = 0; place < PlaceCount; place++)
            _rests[place] = rests((PatternPlace)place);
    }

    public RegexNode this[PatternPlace place] => _rests[(int)place];

    /// <summary>Whether the expression is the same, whatever is before the place.</summary>
    public bool IsUniform => IsUniformInside && _rests[0] == _rests[1];

    /// <summary>Whether the expression depends only on whether the place is the start of the text.</summary>
    public bool IsUniformInside => _rests[1] == _rests[2] && _rests[2] == _rests[3];
}
