using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Gbnf;

/// <summary>Reads llama.cpp's grammars (GBNF).</summary>
internal static class GbnfReader
{
    /// <summary>The grammar of a text in GBNF; its first rule is <c>root</c>.</summary>
    /// <exception cref="GbnfException">The text has a fault.</exception>
    /// <exception cref="GrammarLimitException">The grammar is too large.</exception>
    public static GrammarBuilder Read(string text, RegexFactory regexes) => throw new GbnfException("is not read yet", 1, 1);
}
