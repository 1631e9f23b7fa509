using System.Text.RegularExpressions;
using TrainStoryteller.Corpus;

namespace TrainStoryteller.Examination;

/// <summary>
/// Determines whether a text is a story that the corpus could contain: it consists of the corpus's sentences, keeps one hero, friend, place and thing from
/// beginning to end, and has the right pronouns. The hero and the friend have different names.
/// </summary>
internal static class StoryCheck
{
    // The placeholders of the templates. Where a placeholder occurs first, it may stand for any of its words; where it occurs again, it must stand for the same word.
    private static readonly (string Placeholder, string Group, string Pattern)[] s_words =
    [
        ("@girl", "hero", OneOf(Words.Girls)), ("@boy", "hero", OneOf(Words.Boys)), ("@other", "friend", OneOf(Words.Girls)), ("@friend", "friend", OneOf(Words.Boys)),
        ("#place", "place", OneOf(Words.Places.Select(place => place.Name))), ("#thing", "thing", OneOf(Words.Things)), ("#color", "color", OneOf(Words.Colors)),
    ];

    private static readonly Regex[] s_stories =
    [
        .. from hero in (Character[])[new("@girl", "#hero", true), new("@boy", "#hero", false)]
           from friend in (Character[])[new("@other", "#friend", true), new("@friend", "#friend", false)]
           select Pattern(hero, friend),
    ];

    /// <param name="animal">What the hero must be.</param>
    /// <param name="text">The whole text.</param>
    public static bool IsStoryAbout(string animal, string text) =>
        s_stories.Select(story => story.Match(text)).Any(match =>
            match.Success && match.Groups["kind"].Value == animal && match.Groups["friend"].Value != match.Groups["hero"].Value);

    private static Regex Pattern(Character hero, Character friend)
    {
        string[][] sentences =
        [
            StoryTemplates.Openings(hero), StoryTemplates.Habits(hero, "#place", "#at", "#food"), StoryTemplates.Arrivals(hero, "#place", "#weather"),
            [.. StoryTemplates.Plots(hero, friend, "#thing", "#color", "#food").Select(plot => string.Join(' ', plot))], StoryTemplates.Endings(hero),
        ];
        string pattern = string.Join("[ ]", sentences.Select(alternatives => $"(?:{string.Join('|', alternatives.Select(Regex.Escape))})"));
        string kinds = OneOf([.. Words.Animals, "girl", "boy"]), natures = OneOf(Words.Natures);
        pattern = pattern.Replace(@"\#at", @"(?:at|(?:at|in|on|by)\ the)\ \#place")
            .Replace(@"a\ \#hero", $@"an?\ {natures}\ (?<kind>{kinds})").Replace(@"a\ \#friend", $@"an?\ {natures}\ {kinds}").Replace(@"a\ \#color", @"an?\ \#color")
            .Replace(@"\#food", OneOf(Words.Food)).Replace(@"\#weather", OneOf(Words.Weather.Concat(Words.Weather.Select(Words.Capitalize))));
        foreach ((string placeholder, string group, string words) in s_words)
        {
            pattern = pattern.Replace(Regex.Escape(placeholder), $@"(?:(?({group})\k<{group}>|(?<{group}>{words})))");
        }

        return new Regex($"^{pattern}$", RegexOptions.CultureInvariant);
    }

    private static string OneOf(IEnumerable<string> words) => $"(?:{string.Join('|', words.Select(Regex.Escape))})";
}
