namespace Llama2.Evaluation.Judges.Sentiment;

/// <summary>The words and emoticons of a text, as VADER separates them, and the valence of each by the words around it.</summary>
internal sealed class SentimentText
{
    // The increase of the valence of a word in capitals, and the factor of a negation: means that Hutto and Gilbert measured with people.
    private const double CapitalsIncrease = 0.733;
    private const double NegationFactor = -0.74;
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private readonly string[] _words;
    private readonly string[] _lower;
    private readonly bool _hasEmphasis;

    public SentimentText(string text)
    {
        _words = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Strip)];
        _lower = [.. _words.Select(word => word.ToLowerInvariant())];
        // Capitals emphasize a word only if other words are not in capitals.
        int capitalCount = _words.Count(IsUpper);
        _hasEmphasis = capitalCount > 0 && capitalCount < _words.Length;
    }

    /// <summary>The valence of each word, 0 for words without one, after all rules.</summary>
    public double[] Valences()
    {
        double[] valences = [.. Enumerable.Range(0, _words.Length).Select(ValenceAt)];
        WeighContrast(valences);
        return valences;
    }

    // Leading and trailing punctuation is removed, unless at most two characters would remain: then the word is an emoticon.
    private static string Strip(string word)
    {
        ReadOnlySpan<char> stripped = word.AsSpan().Trim(Punctuation);
        return stripped.Length <= 2 ? word : stripped.ToString();
    }

    private static bool IsUpper(string word) => word.Any(char.IsUpper) && !word.Any(char.IsLower);

    private double ValenceAt(int index)
    {
        if (SentimentWords.IncreaseOf(_lower[index]) != 0 || (_lower[index] == "kind" && At(index + 1) == "of") || !IsInLexicon(index))
            return 0;
        double valence = SentimentLexicon.Valences[_lower[index]];
        if (_lower[index] == "no" && IsInLexicon(index + 1))
            valence = 0;
        if (At(index - 1) == "no" || At(index - 2) == "no" || (At(index - 3) == "no" && At(index - 1) is "or" or "nor"))
            valence = SentimentLexicon.Valences[_lower[index]] * NegationFactor;
        if (_hasEmphasis && IsUpper(_words[index]))
            valence += valence > 0 ? CapitalsIncrease : -CapitalsIncrease;
        for (int distance = 1; distance <= 3 && distance <= index; distance++)
        {
            if (IsInLexicon(index - distance))
                continue;
            valence += Increase(index - distance, valence) * (distance switch { 1 => 1, 2 => 0.95, _ => 0.9 });
            valence = Negate(valence, index, distance);
            if (distance == 3)
                valence = ApplyIdioms(valence, index);
        }

        bool isLeast = At(index - 1) == "least" && !IsInLexicon(index - 1) && (index == 1 || At(index - 2) is not ("at" or "very"));
        return isLeast ? valence * NegationFactor : valence;
    }

    private double Increase(int index, double valence)
    {
        double increase = SentimentWords.IncreaseOf(_lower[index]);
        if (increase == 0)
            return 0;
        if (valence < 0)
            increase = -increase;
        if (_hasEmphasis && IsUpper(_words[index]))
            increase += valence > 0 ? CapitalsIncrease : -CapitalsIncrease;
        return increase;
    }

    private double Negate(double valence, int index, int distance)
    {
        string one = At(index - 1), two = At(index - 2), three = At(index - 3);
        bool strengthens = distance switch
        {
            2 => two == "never" && one is "so" or "this",
            3 => (three == "never" && two is "so" or "this") || one is "so" or "this",
            _ => false,
        };
        bool isWithoutDoubt = distance switch
        {
            2 => two == "without" && one == "doubt",
            3 => three == "without" && (two == "doubt" || one == "doubt"),
            _ => false,
        };
        return strengthens ? valence * 1.25
            : isWithoutDoubt || !SentimentWords.IsNegation(_lower[index - distance]) ? valence
            : valence * NegationFactor;
    }

    private double ApplyIdioms(double valence, int index)
    {
        string here = _lower[index], one = At(index - 1), two = At(index - 2), three = At(index - 3);
        string threeTwoOne = $"{three} {two} {one}", threeTwo = $"{three} {two}", twoOne = $"{two} {one}";
        foreach (string words in (string[])[$"{one} {here}", $"{two} {one} {here}", twoOne, threeTwoOne, threeTwo])
        {
            if (SentimentWords.IdiomValence(words) is not { } idiom)
                continue;
            valence = idiom;
            break;
        }

        if (index + 1 < _words.Length)
            valence = SentimentWords.IdiomValence($"{here} {At(index + 1)}") ?? valence;
        if (index + 2 < _words.Length)
            valence = SentimentWords.IdiomValence($"{here} {At(index + 1)} {At(index + 2)}") ?? valence;
        return valence + SentimentWords.IncreaseOf(threeTwoOne) + SentimentWords.IncreaseOf(threeTwo) + SentimentWords.IncreaseOf(twoOne);
    }

    // Before the first "but" valences count half, after it one and a half times. VADER's program changes the first of several equal valences instead of
    // the one at hand; so does this, because the scores are compared with others of VADER.
    private void WeighContrast(double[] valences)
    {
        int contrast = Array.IndexOf(_lower, "but");
        if (contrast < 0)
            return;
        for (int i = 0; i < valences.Length; i++)
        {
            int first = Array.IndexOf(valences, valences[i]);
            if (first != contrast)
                valences[first] *= first < contrast ? 0.5 : 1.5;
        }
    }

    private string At(int index) => index >= 0 && index < _lower.Length ? _lower[index] : "";

    private bool IsInLexicon(int index) => index >= 0 && index < _lower.Length && SentimentLexicon.Valences.ContainsKey(_lower[index]);
}
