namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>Limits the size of texts whose similarity is computed, because the work grows faster than their length.</summary>
internal static class ComparedText
{
    /// <summary>The greatest length of a text in UTF-16 characters.</summary>
    public const int MaxLength = 200_000;

    /// <summary>The greatest product of the numbers of words of two texts.</summary>
    public const long MaxWordPairs = 100_000_000;

    /// <summary>Checks the length of a text.</summary>
    /// <exception cref="EvaluationDataException">The text is too long.</exception>
    public static string Checked(string text) => text.Length <= MaxLength
        ? text
        : throw new EvaluationDataException(
            $"A text of {text.Length} characters cannot be compared with another one; at most {MaxLength} are allowed. Lower the number of generated tokens, or leave the document out.");

    /// <summary>Checks the sizes of two lists of words.</summary>
    /// <exception cref="EvaluationDataException">There are too many pairs of words.</exception>
    public static void CheckPairs(int first, int second)
    {
        if ((long)first * second > MaxWordPairs)
        {
            throw new EvaluationDataException(
                $"Texts of {first} and {second} words cannot be compared word by word; the product may be at most {MaxWordPairs}. Lower the number of generated tokens, or leave the document out.");
        }
    }
}
