using System.Globalization;
using System.Text;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>
/// Changes of case as in Python, according to Unicode's full mappings, in which one letter can become several letters. Data is text that comes from
/// the conversation; letters that result from data are data.
/// </summary>
internal static class TextCase
{
    // The cost of a letter, counted in characters: looking up its case takes about 50 ns.
    private const int LetterCost = 9;

    private const int CapitalSigma = 'Σ', CapitalIWithDot = 'İ';

    private delegate void LetterChange(string text, int unit, int letter, StringBuilder output);

    public static TextValue Upper(RenderContext context, TextValue text) =>
        Ascii.IsValid(text.Text) ? text.WithText(context, text.Text.ToUpperInvariant) : Change(context, text, (_, _, letter, output) => AppendUpper(letter, output));

    public static TextValue Lower(RenderContext context, TextValue text) =>
        Ascii.IsValid(text.Text) ? text.WithText(context, text.Text.ToLowerInvariant) : Change(context, text, AppendLower);

    /// <summary>Swaps lower and upper case.</summary>
    public static TextValue Swap(RenderContext context, TextValue text) => Change(context, text, (whole, unit, letter, output) =>
    {
        if (TextKind.IsUpper(letter))
            AppendLower(whole, unit, letter, output);
        else if (TextKind.IsLower(letter))
            AppendUpper(letter, output);
        else
            output.Append(whole, unit, CodePoints.UnitCount(whole, unit));
    });

    /// <summary>Makes the first letter upper case and all others lower case.</summary>
    public static TextValue Capitalize(RenderContext context, TextValue text) => Change(context, text, (whole, unit, letter, output) =>
    {
        if (unit == 0)
            AppendTitle(letter, output);
        else
            AppendLower(whole, unit, letter, output);
    });

    /// <summary>Converts each letter that does not follow a cased letter to upper case, and all others to lower case, as <c>str.title()</c> does.</summary>
    public static TextValue TitleByLetters(RenderContext context, TextValue text)
    {
        bool isInWord = false;
        return Change(context, text, (whole, unit, letter, output) =>
        {
            if (isInWord)
                AppendLower(whole, unit, letter, output);
            else
                AppendTitle(letter, output);
            isInWord = TextKind.IsCased(letter);
        });
    }

    /// <summary>
    /// Makes the first letter of each word upper case, as in jinja2's filter: words are separated by white space, hyphens and opening brackets.
    /// </summary>
    public static TextValue TitleByWords(RenderContext context, TextValue text)
    {
        // jinja2 splits the text into words, and converts the first letter of a word and the rest of the word separately. Therefore, whether a sigma
        // has its final form depends only on the rest of the word.
        int start = 0, end = 0;
        return Change(context, text, (whole, unit, letter, output) =>
        {
            if (unit >= end)
                (start, end) = (unit + CodePoints.UnitCount(whole, unit), EndOfWord(whole, unit));
            if (unit < start)
                AppendUpper(letter, output);
            else
                AppendLower(whole, unit, letter, output, start, end);
        });
    }

    // The end of a word, or of a run of separators between words.
    private static int EndOfWord(string text, int start)
    {
        bool isBreak = IsWordBreak(text[start]);
        int end = start + 1;
        while (end < text.Length && IsWordBreak(text[end]) == isBreak)
            end++;
        return end;
    }

    private static bool IsWordBreak(char character) => PythonSpace.Is(character) || character is '-' or '(' or '{' or '[' or '<';

    private static TextValue Change(RenderContext context, TextValue text, LetterChange change)
    {
        context.ChargeText(text.Text.Length, text.Data.Length);
        context.ChargeCharacters((long)LetterCost * text.Text.Length);
        var output = new StringBuilder(text.Text.Length);
        var data = new List<DataSpan>();
        int spanIndex = 0;
        for (int unit = 0; unit < text.Text.Length; unit += CodePoints.UnitCount(text.Text, unit))
        {
            int start = output.Length;
            change(text.Text, unit, CodePoints.At(text.Text, unit), output);
            while (spanIndex < text.Data.Length && text.Data[spanIndex].End <= unit)
                spanIndex++;
            if (spanIndex < text.Data.Length && text.Data[spanIndex].Start <= unit && output.Length > start)
                DataSpan.Append(data, new DataSpan(start, output.Length - start));
        }

        if (output.Length > text.Text.Length)
            context.ChargeText(output.Length, data.Count);
        return new TextValue(output.ToString(), [.. data]) { IsMarkup = text.IsMarkup };
    }

    private static void AppendUpper(int letter, StringBuilder output)
    {
        if (SpecialCase.Upper(letter) is string letters)
            output.Append(letters);
        else
            Append(Rune.IsValid(letter) ? Rune.ToUpperInvariant(new Rune(letter)).Value : letter, output);
    }

    private static void AppendTitle(int letter, StringBuilder output)
    {
        if (SpecialCase.Title(letter) is string title)
            output.Append(title);
        else if (SpecialCase.Upper(letter) is string letters)
            output.Append(letters[0]).Append(letters[1..].ToLowerInvariant());
        else
            AppendUpper(letter, output);
    }

    private static void AppendLower(string text, int unit, int letter, StringBuilder output) => AppendLower(text, unit, letter, output, 0, text.Length);

    private static void AppendLower(string text, int unit, int letter, StringBuilder output, int start, int end)
    {
        if (letter == CapitalIWithDot)
            output.Append("i\u0307");
        else if (letter == CapitalSigma)
            output.Append(IsFinal(text, unit, start, end) ? 'ς' : 'σ');
        else
            Append(Rune.IsValid(letter) ? Rune.ToLowerInvariant(new Rune(letter)).Value : letter, output);
    }

    private static void Append(int letter, StringBuilder output)
    {
        if (letter <= char.MaxValue)
            output.Append((char)letter);
        else
            output.Append(char.ConvertFromUtf32(letter));
    }

    // Unicode's Final_Sigma: a sigma has this form if there is a letter before it and no letter after it, where marks and apostrophes are skipped.
    // The skipped characters contain no sigma, so the checks of all sigmas of a text together read the text at most twice.
    private static bool IsFinal(string text, int unit, int start, int end)
    {
        int before = unit - 1, after = unit + 1;
        while (before >= start && IsCaseIgnorable(text, before))
            before--;
        if (before < start || !TextKind.IsCased(CodePoints.At(text, before > start && char.IsLowSurrogate(text[before]) ? before - 1 : before)))
            return false;
        while (after < end && IsCaseIgnorable(text, after))
            after++;
        return after == end || !TextKind.IsCased(CodePoints.At(text, after));
    }

    private static bool IsCaseIgnorable(string text, int unit) =>
        text[unit] is '\'' or '.' or ':' or '·' or '\u0387' or '\u055F' or '\u05F4' or '‘' or '’' or '․' or '‧' or '︓' or '﹒' or '﹕' or '＇' or '．' or '：'
        || CharUnicodeInfo.GetUnicodeCategory(text, unit) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
