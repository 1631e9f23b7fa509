namespace TrainStoryteller.Corpus;

/// <summary>Writes little stories of a hero and a friend: the characters, the place, the events and the end.</summary>
/// <param name="random">The source of random choices; the same source gives the same stories.</param>
/// <param name="isFriendOfOtherSex">Whether the hero and the friend always differ in sex.</param>
internal sealed class StoryWriter(Random random, bool isFriendOfOtherSex = false)
{
    /// <summary>Writes a story.</summary>
    /// <param name="animal">The hero's animal; null for a random choice.</param>
    public string Write(string? animal = null)
    {
        Character hero = Character.Create(random, animal), friend;
        do
        {
            friend = Character.Create(random);
        }
        while (friend.Name == hero.Name || (isFriendOfOtherSex && friend.IsFemale == hero.IsFemale));

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
