namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>A step of turning the words of an answer into those of a reference.</summary>
internal enum EditStep : byte
{
    /// <summary>The pair of positions is too far from the diagonal to be considered.</summary>
    None,

    /// <summary>Both words are the same.</summary>
    Keep,

    /// <summary>The word is replaced by the word of the reference.</summary>
    Substitute,

    /// <summary>The word of the answer is left out.</summary>
    Delete,

    /// <summary>The word of the reference is added.</summary>
    Insert,
}
