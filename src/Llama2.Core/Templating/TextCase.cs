namespace Llama2.Templating;

/// <summary>Changes of case that take more than one call; but for the sharp s, each letter becomes one letter.</summary>
internal static class TextCase
{
    /// <summary>All letters great; a sharp s, which has no such letter, becomes two.</summary>
    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    /// <summary>The first letter great, all others small.</summary>
    public static string Capitalize(string text) => Change(text, (_, index) => index == 0);

    /// <summary>Each letter great that no letter stands before, as <c>str.title()</c> has it.</summary>
    public static string TitleByLetters(string text) => Change(text, (text, index) => index == 0 || !char.IsLetter(text[index - 1]));

    /// <summary>Each letter great that begins a word, as jinja2's filter has it: words end with white space, hyphens and open brackets.</summary>
    public static string TitleByWords(string text) =>
        Change(text, (text, index) => index == 0 || PythonSpace.Is(text[index - 1]) || text[index - 1] is '-' or '(' or '{' or '[' or '<');

    private static string Change(string text, Func<string, int, bool> isGreat) => string.Create(text.Length, (text, isGreat), static (letters, state) =>
    {
        for (int i = 0; i < letters.Length; i++)
            letters[i] = state.isGreat(state.text, i) ? char.ToUpperInvariant(state.text[i]) : char.ToLowerInvariant(state.text[i]);
    });
}
