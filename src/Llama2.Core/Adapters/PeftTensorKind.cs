namespace Llama2.Adapters;

/// <summary>The meaning of a tensor in a PEFT adapter.</summary>
internal enum PeftTensorKind
{
    /// <summary>The first factor of a change, [rank, columns].</summary>
    A,

    /// <summary>The second factor of a change, [rows, rank].</summary>
    B,

    /// <summary>The magnitudes of the rows of the adapted weights (DoRA), [rows].</summary>
    Magnitudes,

    /// <summary>The first factor of a change of embeddings, [rank, vocabulary].</summary>
    EmbeddingA,

    /// <summary>The second factor of a change of embeddings, [width, rank].</summary>
    EmbeddingB,

    /// <summary>The model's own weights, which were not trained.</summary>
    FrozenCopy,

    /// <summary>Weights that replace weights of the model, and that may have been trained.</summary>
    Replacement,

    /// <summary>Rows that replace rows of the embeddings or of the output matrix, [tokens, width].</summary>
    TokenRows,
}
