using System.Globalization;
using System.Text;
using Llama2.Templating.Attributes;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Evaluation.Python;

/// <summary>Methods of Python's strings, and sets of characters that tasks remove.</summary>
internal static class PythonString
{
    /// <summary>Python's <c>str.strip()</c>.</summary>
    public static string Strip(string text) => PythonSpace.Trim(text).ToString();

    /// <summary>A text without the white space at its end.</summary>
    public static string StripEnd(string text) => PythonSpace.TrimEnd(text).ToString();

    /// <summary>The parts of a text between white space; no part is empty.</summary>
    public static string[] Split(string text)
    {
        List<string> parts = [];
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !PythonSpace.Is(text[i]))
                continue;
            if (i > start)
                parts.Add(text[start..i]);
            start = i + 1;
        }

        return [.. parts];
    }

    /// <summary>Python's <c>str.lower()</c>.</summary>
    public static string Lower(string text) => TextCase.Lower(Context(), TextValue.Own(text)).Text;

    /// <summary>Python's <c>str.upper()</c>.</summary>
    public static string Upper(string text) => TextCase.Upper(Context(), TextValue.Own(text)).Text;

    /// <summary>Python's <c>str.capitalize()</c>.</summary>
    public static string Capitalize(string text) => TextCase.Capitalize(Context(), TextValue.Own(text)).Text;

    /// <summary>Python's <c>str()</c> of a value.</summary>
    public static string Print(TemplateValue value) => PythonText.Of(Context(), value).Text;

    /// <summary>Whether the text ends with white space.</summary>
    public static bool EndsWithSpace(string text) => text.Length > 0 && PythonSpace.Is(text[^1]);

    /// <summary>Whether the text begins with white space.</summary>
    public static bool StartsWithSpace(string text) => text.Length > 0 && PythonSpace.Is(text[0]);

    /// <summary>Removes the characters of Python's <c>string.punctuation</c>, which are the 32 of ASCII.</summary>
    public static string RemovePunctuation(string text) => Remove(text, character => char.IsAscii(character) && (char.IsPunctuation(character) || char.IsSymbol(character)));

    /// <summary>Removes the digits 0 to 9.</summary>
    public static string RemoveDigits(string text) => Remove(text, char.IsAsciiDigit);

    /// <summary>Removes the characters of Unicode's categories of punctuation.</summary>
    public static string RemoveUnicodePunctuation(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation))
            {
                kept.Append(rune);
            }
        }

        return kept.ToString();
    }

    private static string Remove(string text, Func<char, bool> isRemoved) => string.Concat(text.Where(character => !isRemoved(character)));

    // Core's methods charge their cost to a rendering.
    private static RenderContext Context() => new(new SourceText(""), TemplateLimits.Default, TimeProvider.System, CancellationToken.None);
}
