using System.Text.RegularExpressions;
using Llama2.Guard.Text;

namespace Llama2.Guard.Rules;

/// <summary>
/// Finds the position from which an unfinished text may be the beginning of something that the rules look for. The position may be too early, never too late.
/// Immutable and thread-safe.
/// </summary>
/// <param name="options">What is looked for.</param>
/// <param name="matchers">The terms of the block lists.</param>
internal sealed class RuleBeginnings(RuleGuardOptions options, TermMatcher[] matchers)
{
    /// <summary>The position; the length of the text if there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isInput">Whether signs of prompt injection are looked for.</param>
    public int Find(string text, bool isInput)
    {
        bool seeksInjection = isInput && options.PromptInjection != GuardAction.Ignore;

        // The first half of a surrogate pair may be the beginning of anything.
        bool hasHalf = text.Length > 0 && char.IsHighSurrogate(text[^1]);
        string whole = hasHalf ? text[..^1] : text;
        List<int?> places = [whole.Length, .. FindInView(TextViews.Compatible(whole))];
        TermMatcher[] used = seeksInjection ? [.. matchers, InjectionPhrases.PhraseMatcher] : matchers;
        if (used.Length > 0)
        {
            MappedText signs = TextViews.Words(whole, keepSigns: true);
            MappedText[] views = [signs, TextViews.Words(whole, keepSigns: false), .. TextViews.SpelledSoFar(signs)];
            places.AddRange(used.SelectMany(matcher => views.Select(view => view.ToOriginal(matcher.FindBeginning(view)))));
        }

        if (seeksInjection)
        {
            MappedText dense = TextViews.Dense(whole);
            places.Add(dense.ToOriginal(InjectionPhrases.TagMatcher.FindBeginning(dense)));
        }

        return places.Min() ?? whole.Length;
    }

    private IEnumerable<int?> FindInView(MappedText view)
    {
        if (options.Secrets != GuardAction.Ignore)
            yield return view.ToOriginal(SecretBeginnings.Find(view.Text));
        if (options.PersonalData != GuardAction.Ignore)
            yield return view.ToOriginal(PersonalDataBeginnings.Find(view.Text, options.PersonalDataKinds));
        foreach (GuardPattern pattern in options.Patterns.Where(pattern => pattern.Action != GuardAction.Ignore))
        {
            Match? match = pattern.Beginning?.Match(view.Text);
            yield return view.ToOriginal(match?.Index ?? Math.Max(0, view.Text.Length - GuardPattern.UnknownBeginningLength));
        }
    }
}
