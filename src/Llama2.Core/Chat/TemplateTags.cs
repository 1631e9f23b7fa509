using System.Text.RegularExpressions;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// The tags of a chat template, which says nothing of them itself: what its text, or the scaffolding that it rendered, has of the known
/// formats' tags, of names in angle brackets and capitals in square ones, and of roles' names before a colon. They keep what
/// <see cref="TagGuard"/> asks of tags.
/// </summary>
internal static partial class TemplateTags
{
    /// <summary>Templates in use have at most some dozens; each is searched for in every prompt.</summary>
    private const int MaximumCount = 256;

    /// <exception cref="PromptFormatException">There are too many.</exception>
    public static string[] Find(string text)
    {
        string[] tags =
        [
            .. KnownTags.All.Where(tag => text.Contains(tag, StringComparison.Ordinal))
                .Concat(Pattern().Matches(text).Select(match => match.Value))
                .Distinct()
                .Take(MaximumCount + 1),
        ];
        return tags.Length <= MaximumCount
            ? tags
            : throw new PromptFormatException(Invariant($"The chat template has more than {MaximumCount} tags, such as '{tags[0]}': choose one of {nameof(PromptFormat)}'s formats."));
    }

    [GeneratedRegex(
        """
        (?<!<) < [|/]? [A-Za-z_][A-Za-z0-9_|]{0,62} > (?!>)
        | \[ /? [A-Z][A-Z_]{1,62} \]
        | (?: \#\#\#\x20 )? (?: System | SYSTEM | User | USER | Human | HUMAN | Assistant | ASSISTANT | Instruction | Input | Response | Question | Answer ) :
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
