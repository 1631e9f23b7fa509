namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>Which words of an answer belong to which words of the reference, by the steps that turn the answer into the reference.</summary>
internal sealed class WordAlignment
{
    private readonly int[] _positions;
    // The number of wrong words before each position.
    private readonly int[] _answerErrors, _referenceErrors;

    /// <param name="steps">The steps.</param>
    /// <param name="answerLength">The number of words of the answer.</param>
    /// <param name="referenceLength">The number of words of the reference.</param>
    public WordAlignment(EditStep[] steps, int answerLength, int referenceLength)
    {
        _positions = new int[referenceLength];
        _answerErrors = new int[answerLength + 1];
        _referenceErrors = new int[referenceLength + 1];
        int answer = 0, reference = 0;
        foreach (EditStep step in steps)
        {
            int error = step == EditStep.Keep ? 0 : 1;
            if (step != EditStep.Insert)
            {
                _answerErrors[answer + 1] = _answerErrors[answer] + error;
                answer++;
            }

            if (step != EditStep.Delete)
            {
                _referenceErrors[reference + 1] = _referenceErrors[reference] + error;
                _positions[reference] = answer - 1;
                reference++;
            }
        }
    }

    /// <summary>The word of the answer for a word of the reference: its counterpart, or the last one before the missing word; -1 for none.</summary>
    public int PositionOf(int reference) => _positions[reference];

    /// <summary>Whether a sequence of words of the answer has a wrong word.</summary>
    public bool HasAnswerError(int start, int length) => _answerErrors[start + length] > _answerErrors[start];

    /// <summary>Whether a sequence of words of the reference has a word that the answer lacks.</summary>
    public bool HasReferenceError(int start, int length) => _referenceErrors[start + length] > _referenceErrors[start];
}
