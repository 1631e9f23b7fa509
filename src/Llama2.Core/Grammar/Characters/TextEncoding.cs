using System.Text;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Characters;

/// <summary>
/// How the characters of a text are written as bytes. A character may have several spellings, but no spelling is the beginning of another. Therefore
/// a set of texts can be represented by the set of their spellings, and the union of two sets of texts by the union of their sets of spellings. The same holds for
/// intersections and complements. Not thread-safe.
/// </summary>
internal abstract class TextEncoding
{
    private readonly Dictionary<CodePointSet, RegexNode> _sets = [];
    private readonly Dictionary<string, RegexNode> _literals = [];

    protected TextEncoding(RegexFactory factory) => Factory = factory;

    /// <summary>Creates the regular expressions.</summary>
    public RegexFactory Factory { get; }

    /// <summary>Matches any one character, in all its spellings.</summary>
    public RegexNode AnyCharacter => Set(CodePointSet.All);

    /// <summary>Matches every valid text, the empty one included.</summary>
    public RegexNode AnyText => Factory.Repeat(AnyCharacter, 0, int.MaxValue);

    /// <summary>Matches one character of a set, in all its spellings.</summary>
    public RegexNode Set(CodePointSet set)
    {
        if (!_sets.TryGetValue(set, out RegexNode? node))
        {
            _sets.Add(set, node = Spell(set));
            node.IsCode = true;
            node.IsAnyCharacter = set.Equals(CodePointSet.All);
        }

        return node;
    }

    /// <summary>Matches exactly this text, in all its spellings. Matches nothing if the text contains a surrogate without its other half.</summary>
    public RegexNode Literal(string text)
    {
        if (_literals.TryGetValue(text, out RegexNode? known))
            return known;
        Factory.Budget.Charge(2 + (2 * text.Length));
        var characters = new List<RegexNode>(text.Length);
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
                return Factory.Nothing;
            characters.Add(Set(CodePointSet.Of(rune.Value)));
            rest = rest[length..];
        }

        RegexNode node = Factory.Sequence([.. characters]);
        _literals.Add(text, node);
        return node;
    }

    /// <summary>Matches texts whose number of characters (code points) lies within the given bounds.</summary>
    /// <param name="minimum">The lowest number.</param>
    /// <param name="maximum">The highest number; <see cref="int.MaxValue"/> for no limit.</param>
    public RegexNode Length(int minimum, int maximum) => Factory.Repeat(AnyCharacter, minimum, maximum);

    /// <summary>Matches every valid text that a given expression does not match.</summary>
    public RegexNode NotMatching(RegexNode matching) => Factory.Except(AnyText, matching);

    /// <summary>Creates the expression that matches one character of a set.</summary>
    protected abstract RegexNode Spell(CodePointSet set);

    /// <summary>Matches one character of a set in UTF-8.</summary>
    protected RegexNode SpellUtf8(CodePointSet set) => Factory.Either(
        DigitSpelling.Utf8[0].Match(Factory, set, 0, 0x7F), DigitSpelling.Utf8[1].Match(Factory, set, 0x80, 0x7FF),
        DigitSpelling.Utf8[2].Match(Factory, set, 0x800, 0xFFFF), DigitSpelling.Utf8[3].Match(Factory, set, 0x10000, CodePointSet.MaxCodePoint));
}
