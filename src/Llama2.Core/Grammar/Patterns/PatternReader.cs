using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>Reads a pattern in the syntax of ECMA-262 or .NET as an expression over the bytes of whole texts.</summary>
internal static class PatternReader
{
    /// <summary>The expression that matches exactly the texts that the pattern matches.</summary>
    /// <exception cref="PatternException">The pattern has a fault, or is not supported.</exception>
    /// <exception cref="GrammarLimitException">The pattern is too large.</exception>
    public static RegexNode Read(string pattern, TextEncoding encoding, PatternMeaning meaning, PatternOptions options = PatternOptions.None) =>
        throw new PatternException("is not read yet", 0);
}
