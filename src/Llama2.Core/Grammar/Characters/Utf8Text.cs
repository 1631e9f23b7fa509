using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Characters;

/// <summary>Text as it is, in UTF-8.</summary>
internal sealed class Utf8Text(RegexFactory factory) : TextEncoding(factory)
{
    protected override RegexNode Spell(CodePointSet set) => SpellUtf8(set);
}
