using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Characters;

/// <summary>Text in UTF-8, without escapes.</summary>
internal sealed class Utf8Text(RegexFactory factory) : TextEncoding(factory)
{
    protected override RegexNode Spell(CodePointSet set) => SpellUtf8(set);
}
