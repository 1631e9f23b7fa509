namespace TrainStoryteller.Corpus;

/// <summary>Names of cities: known ones, and invented ones, so that a model learns to copy a name instead of remembering it.</summary>
internal static class Cities
{
    public static readonly string[] Known =
    [
        "Oslo", "Rome", "Paris", "London", "Berlin", "Madrid", "Lisbon", "Vienna", "Prague", "Warsaw", "Athens", "Dublin", "Helsinki", "Stockholm", "Copenhagen",
        "Brussels", "Amsterdam", "Budapest", "Zagreb", "Sofia", "Riga", "Vilnius", "Tallinn", "Bern", "Geneva", "Milan", "Venice", "Naples", "Munich", "Hamburg",
        "Cologne", "Lyon", "Nice", "Porto", "Seville", "Glasgow", "Cairo", "Tunis", "Nairobi", "Lagos", "Accra", "Dakar", "Tokyo", "Kyoto", "Osaka", "Seoul", "Delhi",
        "Mumbai", "Bangkok", "Hanoi", "Jakarta", "Manila", "Sydney", "Perth", "Boston", "Chicago", "Denver", "Seattle", "Toronto", "Montreal", "Lima", "Quito",
        "Havana", "Bogota", "New York", "Mexico City", "Cape Town", "San Francisco",
    ];

    private static readonly string[] s_starts =
        ["b", "br", "ch", "d", "dr", "f", "g", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "qu", "r", "s", "sh", "st", "t", "tr", "v", "w", "y", "z"];

    private static readonly string[] s_vowels = ["a", "e", "i", "o", "u", "ai", "ea", "oo"];

    private static readonly string[] s_ends = ["", "", "", "n", "l", "r", "s", "m", "k", "t", "x", "nd", "rg", "lf"];

    public static string Pick(Random random) => random.Next(4) == 0 ? Invent(random) : random.Pick(Known);

    private static string Invent(Random random) =>
        Words.Capitalize(string.Concat(Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.Pick(s_starts) + random.Pick(s_vowels) + random.Pick(s_ends))));
}
