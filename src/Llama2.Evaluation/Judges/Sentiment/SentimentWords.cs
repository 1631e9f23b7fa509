namespace Llama2.Evaluation.Judges.Sentiment;

/// <summary>Words that change the valence of words near them, and idioms: the tables of VADER's program.</summary>
internal static class SentimentWords
{
    private const double Increase = 0.293;

    private static readonly HashSet<string> s_negations = new(StringComparer.Ordinal)
    {
        "aint", "arent", "cannot", "cant", "couldnt", "darent", "didnt", "doesnt", "dont", "hadnt", "hasnt", "havent", "isnt", "mightnt", "mustnt", "neither", "neednt",
        "never", "none", "nope", "nor", "not", "nothing", "nowhere", "oughtnt", "shant", "shouldnt", "uhuh", "wasnt", "werent", "uh-uh", "without", "wont", "wouldnt",
        "rarely", "seldom", "despite",
    };

    private static readonly HashSet<string> s_boosters = new(StringComparer.Ordinal)
    {
        "absolutely", "amazingly", "awfully", "completely", "considerable", "considerably", "decidedly", "deeply", "effing", "enormous", "enormously", "entirely",
        "especially", "exceptional", "exceptionally", "extreme", "extremely", "fabulously", "flipping", "flippin", "frackin", "fracking", "fricking", "frickin",
        "frigging", "friggin", "fully", "fuckin", "fucking", "fuggin", "fugging", "greatly", "hella", "highly", "hugely", "incredible", "incredibly", "intensely", "major",
        "majorly", "more", "most", "particularly", "purely", "quite", "really", "remarkably", "so", "substantially", "thoroughly", "total", "totally", "tremendous",
        "tremendously", "uber", "unbelievably", "unusually", "utter", "utterly", "very",
    };

    private static readonly HashSet<string> s_dampeners = new(StringComparer.Ordinal)
    {
        "almost", "barely", "hardly", "just enough", "kind of", "kinda", "kindof", "kind-of", "less", "little", "marginal", "marginally", "occasional", "occasionally",
        "partly", "scarce", "scarcely", "slight", "slightly", "somewhat", "sort of", "sorta", "sortof", "sort-of",
    };

    private static readonly Dictionary<string, double> s_idioms = new(StringComparer.Ordinal)
    {
        ["the shit"] = 3,
        ["the bomb"] = 3,
        ["bad ass"] = 1.5,
        ["badass"] = 1.5,
        ["bus stop"] = 0,
        ["yeah right"] = -2,
        ["kiss of death"] = -1.5,
        ["to die for"] = 3,
        ["beating heart"] = 3.1,
        ["broken heart"] = -2.9,
    };

    /// <summary>Whether the word negates what follows.</summary>
    public static bool IsNegation(string word) => s_negations.Contains(word) || word.Contains("n't", StringComparison.Ordinal);

    /// <summary>The amount by which a word or phrase increases the valence of the words that follow it; 0 for other words.</summary>
    public static double IncreaseOf(string words) => s_boosters.Contains(words) ? Increase : s_dampeners.Contains(words) ? -Increase : 0;

    /// <summary>The valence of an idiom as a whole, or null.</summary>
    public static double? IdiomValence(string words) => s_idioms.TryGetValue(words, out double valence) ? valence : null;
}
