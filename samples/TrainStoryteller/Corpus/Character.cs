namespace TrainStoryteller.Corpus;

/// <summary>A character of a story.</summary>
/// <param name="Name">Such as "Lily".</param>
/// <param name="Kind">Such as "shy fox".</param>
/// <param name="IsFemale">Whether the pronouns are female.</param>
internal sealed record Character(string Name, string Kind, bool IsFemale)
{
    public string She => IsFemale ? "she" : "he";

    public string Her => IsFemale ? "her" : "him";

    public string HerOwn => IsFemale ? "her" : "his";

    /// <summary>Creates a character: an animal, a girl or a boy.</summary>
    /// <param name="random">The source of random choices.</param>
    /// <param name="animal">The animal; null for a random choice.</param>
    public static Character Create(Random random, string? animal = null)
    {
        if (animal is not null || random.Next(2) == 0)
        {
            bool isFemale = random.Next(2) == 0;
            return new Character(random.Pick(isFemale ? Words.Girls : Words.Boys), $"{random.Pick(Words.Natures)} {animal ?? random.Pick(Words.Animals)}", isFemale);
        }

        return random.Next(2) == 0
            ? new Character(random.Pick(Words.Girls), $"{random.Pick(Words.Natures)} girl", true)
            : new Character(random.Pick(Words.Boys), $"{random.Pick(Words.Natures)} boy", false);
    }
}
