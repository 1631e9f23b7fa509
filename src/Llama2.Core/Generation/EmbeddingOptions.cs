namespace Llama2;

/// <summary>Options for computing embeddings from hidden states. Immutable and thread-safe; every property is checked when it is set.</summary>
public sealed record EmbeddingOptions : ComputationOptions
{
    /// <summary>How the hidden states of a text's tokens become one vector. Default <see cref="EmbeddingPooling.Mean"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public EmbeddingPooling Pooling
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Pooling), value, "It must be Mean or LastToken.");
    }

    /// <summary>
    /// Whether each vector is divided by its Euclidean length, so that the dot product of two vectors is their cosine similarity. Default true. A
    /// vector of zeros stays unchanged.
    /// </summary>
    public bool Normalize { get; init; } = true;
}
