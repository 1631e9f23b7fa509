using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Characters;

/// <summary>
/// Text inside the quotes of a JSON string (RFC 8259, section 7). A character is written in UTF-8, or as an escape if JSON requires an escape for it.
/// A character outside ASCII may also be written as <c>\uXXXX</c>, as Python's json.dumps does, and a slash may also be written as <c>\/</c>.
/// Surrogates occur only in pairs.
/// </summary>
internal sealed class JsonStringText(RegexFactory factory) : TextEncoding(factory)
{
    private const string Escaped = "\"\\/\b\f\n\r\t", Letters = "\"\\/bfnrt";

    private static readonly CodePointSet s_raw = CodePointSet.Range(0x20, CodePointSet.MaxCodePoint).Except(CodePointSet.OfCharacters("\"\\"));
    private static readonly CodePointSet s_hex = CodePointSet.Of((0, 0x1F), (0x7F, 0xFFFF));

    /// <summary>Matches a whole JSON string: the text that the given expression matches, between quotation marks.</summary>
    public RegexNode Quote(RegexNode text)
    {
        RegexNode quote = Factory.Bytes(ByteSet.Of((byte)'"'));
        return Factory.Sequence(quote, text, quote);
    }

    protected override RegexNode Spell(CodePointSet set)
    {
        var letters = default(ByteSet);
        for (int i = 0; i < Escaped.Length; i++)
        {
            if (set.Contains(Escaped[i]))
                letters |= ByteSet.Of((byte)Letters[i]);
        }

        RegexNode hex = Factory.Either(
            DigitSpelling.Hex.Match(Factory, set.Intersect(s_hex), 0, 0xFFFF), DigitSpelling.SurrogatePair.Match(Factory, set, 0x10000, CodePointSet.MaxCodePoint));
        RegexNode escape = Factory.Either(Factory.Bytes(letters), Factory.Sequence(Factory.Bytes(ByteSet.Of((byte)'u')), hex));
        return Factory.Either(SpellUtf8(set.Intersect(s_raw)), Factory.Sequence(Factory.Bytes(ByteSet.Of((byte)'\\')), escape));
    }
}
