using System.Text.RegularExpressions;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// The tags of a chat template, which does not declare them. They are found in the template's own text, and in the scaffolding that the template
/// renders: the known formats' tags, names in brackets, roles' names before a colon, and lines that begin or end with a symbol. A word without any
/// symbol, such as <c>assistant</c>, is a tag only if it is a whole line. Tags that cannot be distinguished from text are not found: words without a
/// symbol that share a line with a message's text, symbols without a word, and sentences.
/// </summary>
internal static partial class TemplateTags
{
    /// <summary>
    /// The maximum number of tags. Templates in use have at most a few dozen; tags that differ only in numbers count once. Each tag is searched for
    /// in every prompt.
    /// </summary>
    private const int MaxCount = 256;

    private const int MaxLength = 64;

    // A line without any symbol counts as a role's name if it has at most this number of words.
    private const int MaxWordCount = 3;

    // Punctuation that ends sentences, or occurs in quotations and JSON, does not make a line a tag.
    private const string SignsOfText = ".,;!?\u2026\u3002\uFF0C\uFF01\uFF1F\"'{}()";

    /// <summary>The tags in a template's literals, and in the scaffolding of its short conversations.</summary>
    /// <exception cref="PromptFormatException">There are too many tags.</exception>
    public static string[] Find(string literals, string scaffolding) =>
        Shortest(FindNames(literals).Concat(Lines(literals).Where(line => line.StartsWith('#') && IsSigned(line))).Concat(FindAll(scaffolding)));

    /// <summary>The tags in a conversation's scaffolding, which has a NUL for each text of a message.</summary>
    /// <exception cref="PromptFormatException">There are too many tags.</exception>
    public static string[] FindInScaffolding(string scaffolding) => Shortest(FindAll(scaffolding));

    private static IEnumerable<string> FindAll(string scaffolding) => FindNames(scaffolding).Concat(Lines(scaffolding).SelectMany(FindInLine));

    private static IEnumerable<string> FindNames(string text) =>
        KnownTags.All.Where(tag => text.Contains(tag, StringComparison.Ordinal)).Concat(Pattern().Matches(text).Select(match => match.Value));

    private static IEnumerable<string> Lines(string text) => text.Split('\n', '\r', '\0').Select(line => line.Trim());

    private static IEnumerable<string> FindInLine(string line)
    {
        string[] parts = line.Split([TemplateProbe.BeginMark, TemplateProbe.EndMark], StringSplitOptions.TrimEntries);
        foreach (string part in parts)
        {
            if (IsSigned(part))
                yield return part;
            // A preamble may end on the line of the first tag.
            if (BehindSentences(part) is var last && last.Length < part.Length && IsSigned(last))
                yield return last;
        }

        // A word next to the begin- or end-of-sequence token is a tag only together with that token, which cannot be forged.
        if (parts.Length == 1 && IsName(line))
            yield return $"\n{line}\n";
    }

    private static string BehindSentences(string line)
    {
        for (int i = line.Length - 2; i >= 0; i--)
        {
            if (line[i] is '.' or '!' or '?' && line[i + 1] == ' ')
                return line[(i + 1)..].TrimStart();
        }

        return line;
    }

    private static bool IsSigned(string line) =>
        line.Length is > 1 and <= MaxLength && line.Any(char.IsLetter) && (IsSign(line[0]) || IsSign(line[^1])) && line.IndexOfAny(['"', '{', '}']) < 0;

    private static bool IsSign(char character) => (char.IsPunctuation(character) || char.IsSymbol(character)) && !SignsOfText.Contains(character, StringComparison.Ordinal);

    private static bool IsName(string line) =>
        line.Length is > 1 and <= MaxLength && line.Any(char.IsLetter)
        && line.All(character => char.IsLetterOrDigit(character) || character is ' ' or '_' or '-')
        && line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length is >= 1 and <= MaxWordCount;

    // If tags differ in numbers only, the first represents all of them, as TagPattern matches any number. If one tag contains another, guarding the shorter one
    // is enough. At most four times the maximum number of tags are compared, so that the work is limited.
    private static string[] Shortest(IEnumerable<string> found)
    {
        string[] all = [.. found.DistinctBy(TagPattern.Generalize).Take((4 * MaxCount) + 1)];
        string[] general = [.. all.Select(TagPattern.Generalize)];
        string[] tags = all.Length > 4 * MaxCount
            ? all
            : [.. all.Where((_, i) => !Array.Exists(general, other => other.Length < general[i].Length && general[i].Contains(other, StringComparison.Ordinal)))];
        return tags.Length <= MaxCount
            ? tags
            : throw new PromptFormatException(Invariant($"The chat template has more than {MaxCount} tags, such as '{tags[0]}': name one of the known formats instead."));
    }

    [GeneratedRegex(
        """
        (?<!<) < (?=[^<>]*\p{L}) [^<>\x00-\x1F\uE000\uE001]{1,62} > (?!>)
        | \[ (?=[^\[\]]*\p{L}) [^\[\]\x00-\x1F\uE000\uE001]{1,62} \]
        | \u3010 [^\u3010\u3011\x00-\x1F]{1,62} \u3011
        | (?: \#{1,6}\x20? )? \b (?i: System | User | Human | Assistant | Instruction | Input | Response | Reply | Question | Answer | Bot | Model | AI ) (?: : | \uFF1A )
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
