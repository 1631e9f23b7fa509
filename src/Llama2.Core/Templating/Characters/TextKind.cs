using System.Globalization;
using System.Text;

namespace Llama2.Templating.Characters;

/// <summary>Categories of characters, as in Python's <c>str.isalpha</c> and similar methods.</summary>
internal static class TextKind
{
    // Han characters that are numbers; the runtime has no value for them.
    private const string HanNumbers =
        "㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零";

    public static bool IsUpper(int letter) => letter is >= 0x2160 and <= 0x216F or >= 0x24B6 and <= 0x24CF
        or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189
        || Category(letter) == UnicodeCategory.UppercaseLetter;

    public static bool IsLower(int letter) => Category(letter) == UnicodeCategory.LowercaseLetter
        || letter is 0xAA or 0xBA or >= 0x2B0 and <= 0x2B8 or 0x2C0 or 0x2C1 or >= 0x2E0 and <= 0x2E4 or 0x345 or 0x37A
            or >= 0x1D2C and <= 0x1D6A or 0x1D78 or >= 0x1D9B and <= 0x1DBF or 0x2071 or 0x207F or >= 0x2090 and <= 0x209C
            or >= 0x2170 and <= 0x217F or >= 0x24D0 and <= 0x24E9 or 0x2C7C or 0x2C7D or 0xA69C or 0xA69D or 0xA770 or 0xA7F8 or 0xA7F9
            or >= 0xAB5C and <= 0xAB5F or 0x10780 or >= 0x10783 and <= 0x10785 or >= 0x10787 and <= 0x107B0 or >= 0x107B2 and <= 0x107BA;

    public static bool IsTitle(int letter) => Category(letter) == UnicodeCategory.TitlecaseLetter;

    public static bool IsCased(int letter) => IsUpper(letter) || IsLower(letter) || IsTitle(letter);

    public static bool IsAlphabetic(int character) => Category(character) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    public static bool IsDecimal(int character) => Category(character) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(int character) => IsDecimal(character) || (Rune.IsValid(character) && CharUnicodeInfo.GetDigitValue(new Rune(character).ToString(), 0) >= 0);

    public static bool IsNumeric(int character) =>
        Category(character) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        || (character <= char.MaxValue && HanNumbers.Contains((char)character));

    public static bool IsAlphanumeric(int character) => IsAlphabetic(character) || IsDigit(character) || IsNumeric(character);

    public static bool IsSpace(int character) => character <= char.MaxValue && PythonSpace.Is((char)character);

    /// <summary>Whether <c>repr</c> writes the character unchanged.</summary>
    public static bool IsPrintable(int character) => character == ' ' || Category(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary>Whether <c>\w</c> in a regular expression matches the character.</summary>
    public static bool IsWord(int character) => character == '_' || IsAlphanumeric(character);

    private static UnicodeCategory Category(int character) => CharUnicodeInfo.GetUnicodeCategory(character);
}
