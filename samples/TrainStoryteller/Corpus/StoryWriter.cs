namespace TrainStoryteller.Corpus;

/// <summary>Writes little stories of a hero and a friend: who, where, what happened, how it ended.</summary>
/// <param name="random">Chance; the same gives the same stories.</param>
internal sealed class StoryWriter(Random random)
{
    /// <summary>Writes a story.</summary>
    /// <param name="animal">What the hero is; null leaves it to chance.</param>
    public string Write(string? animal = null)
    {
        Character hero = Character.Create(random, animal), friend;
        do
        {
            friend = Character.Create(random);
        }
        while (friend.Name == hero.Name);

        (string place, string at) = random.Pick(Words.Places);
        return string.Join(' ',
        [
            random.Pick(StoryTemplates.Openings(hero)),
            random.Pick(StoryTemplates.Habits(hero, place, at, random.Pick(Words.Food))),
            random.Pick(StoryTemplates.Arrivals(hero, place, random.Pick(Words.Weather))),
            .. random.Pick(StoryTemplates.Plots(hero, friend, random.Pick(Words.Things), random.Pick(Words.Colors), random.Pick(Words.Food))),
            random.Pick(StoryTemplates.Endings(hero)),
        ]);
    }
}
