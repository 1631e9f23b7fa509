using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>The string formats of JSON Schema 2020-12, as expressions over whole texts. Not thread-safe.</summary>
internal sealed class FormatRegexes(TextEncoding encoding)
{
    public TextEncoding Encoding { get; } = encoding;

    /// <summary>The expression of a format; null for a name that is not known.</summary>
    /// <exception cref="PatternException">The format is known, but not a regular language.</exception>
    public RegexNode? Find(string name) => null;
}
