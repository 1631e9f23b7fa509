using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>
/// Reads a pattern in the syntax of ECMA-262 or .NET as an expression over the bytes of whole texts. What is not regular (back references, atomic groups,
/// conditions) and lookbehind are refused; lookahead is not.
/// </summary>
internal static class PatternReader
{
    /// <summary>The expression that matches exactly the texts that the pattern matches.</summary>
    /// <param name="pattern">The pattern, without slashes around it.</param>
    /// <param name="encoding">How the texts are written.</param>
    /// <param name="meaning">Whether a match may be anywhere in a text.</param>
    /// <param name="options">The syntax and its flags.</param>
    /// <exception cref="PatternException">The pattern has a fault, or is not supported.</exception>
    /// <exception cref="GrammarLimitException">The pattern is too large.</exception>
    public static RegexNode Read(string pattern, TextEncoding encoding, PatternMeaning meaning, PatternOptions options = PatternOptions.None)
    {
        PatternNode node = PatternParser.Parse(pattern, options);
        var translator = new PatternTranslator(encoding, options);
        return meaning == PatternMeaning.Search ? translator.Search(node) : translator.Whole(node);
    }
}
