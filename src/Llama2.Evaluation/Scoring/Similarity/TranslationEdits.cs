using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// TER, the translation edit rate (Snover et al. 2006): how many words are inserted, deleted, substituted or moved as a sequence to turn a text into the
/// reference, in percent of the reference's words, as sacrebleu's <c>corpus_ter</c> computes it: without regard to case, words separated by white space.
/// </summary>
internal static class TranslationEdits
{
    private const int MaxCandidates = 1000;

    /// <summary>The counts of a text, which are added up over the texts of a corpus: the fewest edits, and the mean number of words of the references.</summary>
    /// <exception cref="EvaluationDataException">A text is too long.</exception>
    public static double[] Count(string answer, IReadOnlyList<string> references)
    {
        string[] words = WordsOf(answer);
        string[][] others = [.. references.Select(WordsOf)];
        return [others.Min(other => CountEdits(words, other)), others.Average(other => (double)other.Length)];
    }

    /// <summary>The score from counts: 0 for equal texts, beyond 100 if more words are edited than the reference has.</summary>
    public static double Score(double[] counts) => 100 * (counts[1] > 0 ? counts[0] / counts[1] : counts[0] > 0 ? 1 : 0);

    private static string[] WordsOf(string text) => PythonString.Split(PythonString.Lower(ComparedText.Checked(text)));

    private static int CountEdits(string[] answer, string[] reference)
    {
        if (reference.Length == 0)
            return answer.Length;
        ComparedText.CheckPairs(answer.Length, reference.Length);
        var edits = new WordEdits(reference);
        int moveCount = 0, candidateCount = 0;
        while (true)
        {
            var search = new MoveSearch(answer, reference, edits);
            candidateCount = search.Run(candidateCount, MaxCandidates);
            // The move that ends the search is not made.
            if (candidateCount >= MaxCandidates || search.Gain <= 0)
                return moveCount + edits.Distance(answer);
            moveCount++;
            answer = search.Words;
        }
    }
}
