using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>
/// Translates a pattern in the syntax of ECMA-262 or .NET into a regular expression over the bytes of whole texts. Lookahead is supported. Lookbehind
/// is refused, and so are constructs that are not regular: back references, atomic groups and conditions.
/// </summary>
internal static class PatternReader
{
    /// <summary>The expression that matches exactly the texts that the pattern matches.</summary>
    /// <param name="pattern">The pattern, without slashes around it.</param>
    /// <param name="encoding">How the texts are written as bytes.</param>
    /// <param name="meaning">Whether a match may be anywhere in a text.</param>
    /// <param name="options">The syntax and its flags.</param>
    /// <exception cref="PatternException">The pattern is malformed, or contains something that is not supported.</exception>
    /// <exception cref="GrammarLimitException">The pattern is too large.</exception>
    public static RegexNode Read(string pattern, TextEncoding encoding, PatternMeaning meaning, PatternOptions options = PatternOptions.None)
    {
        // Parsing takes a microsecond and 250 bytes of memory for each character.
        encoding.Factory.Budget.Charge(7L * pattern.Length);
        PatternNode node = PatternParser.Parse(pattern, options);
        var translator = new PatternTranslator(encoding, options);
        return meaning == PatternMeaning.Search ? translator.Search(node) : translator.Whole(node);
    }
}
