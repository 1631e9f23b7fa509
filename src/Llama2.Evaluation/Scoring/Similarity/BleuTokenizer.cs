using System.Globalization;
using System.Text;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>Splits texts into words for BLEU, by the rules of NIST's scripts as sacrebleu implements them.</summary>
internal static class BleuTokenizer
{
    // Punctuation between digits, such as a decimal point, stays with them.
    private static readonly SpacingRule[] s_internationalRules =
    [
        new(character => !IsNumber(character), IsPunctuation, IsSpaceBefore: false),
        new(IsPunctuation, character => !IsNumber(character), IsSpaceBefore: true),
    ];

    private static readonly SpacingRule[] s_westernRules =
    [
        new(character => !IsDigit(character), IsPeriodOrComma, IsSpaceBefore: false),
        new(IsPeriodOrComma, character => !IsDigit(character), IsSpaceBefore: true),
        new(IsDigit, character => character.Value == '-', IsSpaceBefore: false),
    ];

    /// <summary>The words by <c>mteval-v13a.pl</c> (sacrebleu's <c>13a</c>, its default): punctuation of ASCII is split off.</summary>
    public static string[] Western(string text)
    {
        string line = PythonString.StripEnd(text).Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        return Split(s_westernRules.Aggregate(SpacingRule.Isolate($" {line} ".EnumerateRunes(), IsSeparated), (result, rule) => rule.Apply(result)));
    }

    /// <summary>The words by <c>mteval-v14.pl --international-tokenization</c> (sacrebleu's <c>intl</c>): punctuation and symbols of Unicode are split off.</summary>
    public static string[] International(string text)
        => Split(SpacingRule.Isolate(s_internationalRules.Aggregate<SpacingRule, List<Rune>>([.. PythonString.StripEnd(text).EnumerateRunes()], (result, rule) => rule.Apply(result)), IsSymbol));

    private static string[] Split(List<Rune> characters) => PythonString.Split(string.Concat(characters));

    // The punctuation of ASCII but ' , - and . ; the space is among it, without effect.
    private static bool IsSeparated(Rune character) => character.Value is (>= '{' and <= '~') or (>= '[' and <= '`') or (>= ' ' and <= '&') or (>= '(' and <= '+') or (>= ':' and <= '@') or '/';

    private static bool IsDigit(Rune character) => character.Value is >= '0' and <= '9';

    private static bool IsPeriodOrComma(Rune character) => character.Value is '.' or ',';

    private static bool IsNumber(Rune character) => Rune.GetUnicodeCategory(character)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsPunctuation(Rune character) => Rune.IsPunctuation(character);

    private static bool IsSymbol(Rune character) => Rune.IsSymbol(character);
}
