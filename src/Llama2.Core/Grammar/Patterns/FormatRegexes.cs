using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>
/// The string formats of JSON Schema 2020-12 as regular expressions for whole texts. Texts about which validators disagree are not matched: see
/// <see cref="FormatPatterns"/>. Not thread-safe.
/// </summary>
internal sealed class FormatRegexes(TextEncoding encoding)
{
    private readonly Dictionary<string, RegexNode> _formats = [];

    /// <summary>The expression of a format; null if no format with this name is known.</summary>
    /// <exception cref="PatternException">The format is known, but no regular expression describes it.</exception>
    public RegexNode? Find(string name)
    {
        if (_formats.TryGetValue(name, out RegexNode? format))
            return format;
        if (name == "regex")
            throw new PatternException("no regular expression describes this format", 0);
        if (FormatPatterns.Find(name) is not { } pattern)
            return null;
        format = PatternReader.Read(pattern, encoding, PatternMeaning.Whole);
        _formats.Add(name, format);
        return format;
    }
}
