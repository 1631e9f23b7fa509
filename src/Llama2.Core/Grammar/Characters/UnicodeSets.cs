using System.Globalization;
using System.Text;

namespace Llama2.Grammar.Characters;

/// <summary>
/// The sets of characters that Unicode defines, read from the tables of .NET. Each set is created when it is first used, and then shared.
/// Thread-safe.
/// </summary>
internal static class UnicodeSets
{
    private static readonly (string Short, string Long, UnicodeCategory[] Categories)[] s_names =
    [
        ("Lu", "Uppercase_Letter", [UnicodeCategory.UppercaseLetter]),
        ("Ll", "Lowercase_Letter", [UnicodeCategory.LowercaseLetter]),
        ("Lt", "Titlecase_Letter", [UnicodeCategory.TitlecaseLetter]),
        ("LC", "Cased_Letter", [UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter]),
        ("Lm", "Modifier_Letter", [UnicodeCategory.ModifierLetter]),
        ("Lo", "Other_Letter", [UnicodeCategory.OtherLetter]),
        ("L", "Letter", Range(UnicodeCategory.UppercaseLetter, UnicodeCategory.OtherLetter)),
        ("Mn", "Nonspacing_Mark", [UnicodeCategory.NonSpacingMark]),
        ("Mc", "Spacing_Mark", [UnicodeCategory.SpacingCombiningMark]),
        ("Me", "Enclosing_Mark", [UnicodeCategory.EnclosingMark]),
        ("M", "Mark", Range(UnicodeCategory.NonSpacingMark, UnicodeCategory.EnclosingMark)),
        ("Nd", "Decimal_Number", [UnicodeCategory.DecimalDigitNumber]),
        ("Nl", "Letter_Number", [UnicodeCategory.LetterNumber]),
        ("No", "Other_Number", [UnicodeCategory.OtherNumber]),
        ("N", "Number", Range(UnicodeCategory.DecimalDigitNumber, UnicodeCategory.OtherNumber)),
        ("Zs", "Space_Separator", [UnicodeCategory.SpaceSeparator]),
        ("Zl", "Line_Separator", [UnicodeCategory.LineSeparator]),
        ("Zp", "Paragraph_Separator", [UnicodeCategory.ParagraphSeparator]),
        ("Z", "Separator", Range(UnicodeCategory.SpaceSeparator, UnicodeCategory.ParagraphSeparator)),
        ("Cc", "Control", [UnicodeCategory.Control]),
        ("Cf", "Format", [UnicodeCategory.Format]),
        ("Cs", "Surrogate", [UnicodeCategory.Surrogate]),
        ("Co", "Private_Use", [UnicodeCategory.PrivateUse]),
        ("Cn", "Unassigned", [UnicodeCategory.OtherNotAssigned]),
        ("C", "Other", [.. Range(UnicodeCategory.Control, UnicodeCategory.PrivateUse), UnicodeCategory.OtherNotAssigned]),
        ("Pc", "Connector_Punctuation", [UnicodeCategory.ConnectorPunctuation]),
        ("Pd", "Dash_Punctuation", [UnicodeCategory.DashPunctuation]),
        ("Ps", "Open_Punctuation", [UnicodeCategory.OpenPunctuation]),
        ("Pe", "Close_Punctuation", [UnicodeCategory.ClosePunctuation]),
        ("Pi", "Initial_Punctuation", [UnicodeCategory.InitialQuotePunctuation]),
        ("Pf", "Final_Punctuation", [UnicodeCategory.FinalQuotePunctuation]),
        ("Po", "Other_Punctuation", [UnicodeCategory.OtherPunctuation]),
        ("P", "Punctuation", Range(UnicodeCategory.ConnectorPunctuation, UnicodeCategory.OtherPunctuation)),
        ("Sm", "Math_Symbol", [UnicodeCategory.MathSymbol]),
        ("Sc", "Currency_Symbol", [UnicodeCategory.CurrencySymbol]),
        ("Sk", "Modifier_Symbol", [UnicodeCategory.ModifierSymbol]),
        ("So", "Other_Symbol", [UnicodeCategory.OtherSymbol]),
        ("S", "Symbol", Range(UnicodeCategory.MathSymbol, UnicodeCategory.OtherSymbol)),
    ];

    private static readonly Lazy<CodePointSet[]> s_categories = new(FindCategories);
    private static readonly Lazy<Dictionary<int, int[]>> s_otherCases = new(FindOtherCases);

    /// <summary>The digits 0 to 9.</summary>
    public static CodePointSet AsciiDigits { get; } = CodePointSet.Range('0', '9');

    /// <summary>ASCII letters, digits and the underscore.</summary>
    public static CodePointSet AsciiWord { get; } = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_'));

    /// <summary>
    /// Finds the characters of a general category by its short name (<c>Lu</c>) or its long name (<c>Uppercase_Letter</c>). Returns false if there is
    /// no such category.
    /// </summary>
    public static bool TryFindCategory(string name, out CodePointSet set)
    {
        foreach ((string shortName, string longName, UnicodeCategory[] categories) in s_names)
        {
            if (name == shortName || name == longName)
            {
                set = CodePointSet.Of(categories.SelectMany(category => s_categories.Value[(int)category].Ranges.ToArray()));
                return true;
            }
        }

        set = CodePointSet.None;
        return false;
    }

    /// <summary>The characters of a general category, which must exist.</summary>
    public static CodePointSet Category(string name) =>
        TryFindCategory(name, out CodePointSet set) ? set : throw new ArgumentException("There is no such category.", nameof(name));

    /// <summary>The given set together with the upper and lower case forms of its letters, according to Unicode's simple case mappings.</summary>
    public static CodePointSet WithOtherCases(CodePointSet set)
    {
        var added = new List<(int First, int Last)>(set.Ranges.ToArray());
        foreach ((int codePoint, int[] others) in s_otherCases.Value)
        {
            if (set.Contains(codePoint))
                added.AddRange(others.Select(other => (other, other)));
        }

        return CodePointSet.Of(added);
    }

    private static UnicodeCategory[] Range(UnicodeCategory first, UnicodeCategory last) =>
        [.. Enumerable.Range((int)first, last - first + 1).Select(category => (UnicodeCategory)category)];

    private static CodePointSet[] FindCategories()
    {
        var ranges = new List<(int First, int Last)>[(int)UnicodeCategory.OtherNotAssigned + 1];
        for (int i = 0; i < ranges.Length; i++)
            ranges[i] = [];
        int first = 0;
        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(0);
        for (int codePoint = 1; codePoint <= CodePointSet.MaxCodePoint + 1; codePoint++)
        {
            UnicodeCategory next = codePoint <= CodePointSet.MaxCodePoint ? CharUnicodeInfo.GetUnicodeCategory(codePoint) : (UnicodeCategory)(-1);
            if (next == category)
                continue;
            ranges[(int)category].Add((first, codePoint - 1));
            first = codePoint;
            category = next;
        }

        return [.. ranges.Select(list => CodePointSet.Of(list))];
    }

    // Finds all forms of each letter. Letters with the same upper case form count as one letter.
    private static Dictionary<int, int[]> FindOtherCases()
    {
        var letters = new Dictionary<int, SortedSet<int>>();
        foreach ((int first, int last) in CodePointSet.Range(0, 0x1FFFF).Ranges)
        {
            for (int codePoint = first; codePoint <= last; codePoint++)
            {
                int upper = Rune.ToUpperInvariant(new Rune(codePoint)).Value, lower = Rune.ToLowerInvariant(new Rune(codePoint)).Value;
                if (upper == codePoint && lower == codePoint)
                    continue;
                int key = Rune.ToUpperInvariant(new Rune(lower)).Value;
                if (!letters.TryGetValue(key, out SortedSet<int>? same))
                    letters.Add(key, same = []);
                same.UnionWith([codePoint, upper, lower]);
            }
        }

        var others = new Dictionary<int, int[]>();
        foreach (SortedSet<int> same in letters.Values)
        {
            foreach (int codePoint in same)
                others[codePoint] = [.. same];
        }

        return others;
    }
}
