using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// ROUGE (Lin 2004), the similarity of two texts as F1 in percent, as the package rouge_score computes it without a stemmer. Words are runs of the letters a
/// to z and digits in lower case; other characters separate them.
/// </summary>
internal static class Rouge
{
    /// <summary>ROUGE-N: sequences of <paramref name="length"/> words.</summary>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public static double CompareSequences(string answer, string reference, int length)
    {
        string[] words = WordsOf(ComparedText.Checked(answer)), wanted = WordsOf(ComparedText.Checked(reference));
        int shared = NGrams.CountShared(NGrams.OfWords(wanted, length), NGrams.OfWords(words, length));
        return F1(shared, Math.Max(words.Length - length + 1, 1), Math.Max(wanted.Length - length + 1, 1));
    }

    /// <summary>
    /// ROUGE-Lsum: the longest common subsequences of each sentence of the reference with all sentences of the answer. A sentence is a line, or ends with a
    /// full stop between spaces, as in lm-evaluation-harness.
    /// </summary>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public static double CompareSummaries(string answer, string reference)
    {
        string[][] sentences = SentencesOf(answer), wanted = SentencesOf(reference);
        int count = sentences.Sum(words => words.Length), wantedCount = wanted.Sum(words => words.Length);
        if (count == 0 || wantedCount == 0)
            return 0;
        ComparedText.CheckPairs(count, wantedCount);
        // A word counts at most as often as it is in both texts.
        Dictionary<string, int> left = Counts(sentences), wantedLeft = Counts(wanted);
        int hits = 0;
        foreach (string[] sentence in wanted)
        {
            foreach (int index in new SortedSet<int>(sentences.SelectMany(other => CommonSubsequence.IndicesOf(sentence, other))))
            {
                string word = sentence[index];
                if (left.GetValueOrDefault(word) <= 0 || wantedLeft[word] <= 0)
                    continue;
                hits++;
                left[word]--;
                wantedLeft[word]--;
            }
        }

        return F1(hits, count, wantedCount);
    }

    private static double F1(int shared, int count, int wantedCount)
    {
        double precision = (double)shared / count, recall = (double)shared / wantedCount;
        return shared == 0 ? 0 : 2 * precision * recall / (precision + recall) * 100;
    }

    private static Dictionary<string, int> Counts(string[][] sentences) => NGrams.OfWords([.. sentences.SelectMany(words => words)], 1);

    private static string[][] SentencesOf(string text)
        => [.. ComparedText.Checked(text).Replace(" . ", ".\n", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(WordsOf)];

    private static string[] WordsOf(string text)
    {
        char[] characters = PythonString.Lower(text).ToCharArray();
        for (int i = 0; i < characters.Length; i++)
        {
            if (!char.IsAsciiLetterLower(characters[i]) && !char.IsAsciiDigit(characters[i]))
                characters[i] = ' ';
        }

        return new string(characters).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
