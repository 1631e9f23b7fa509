namespace Llama2.Architectures;

/// <summary>A dimension of a model's tensors, by its meaning; <see cref="ModelDimensions"/> gives its size.</summary>
internal enum Dimension
{
    /// <summary>1: the rows of a vector.</summary>
    One,

    /// <summary>Width of the residual stream, and of all query heads together.</summary>
    Embedding,

    /// <summary>Width of all key heads together, and of all value heads.</summary>
    KeyValue,

    /// <summary>Width of the feed-forward network's hidden layer.</summary>
    FeedForward,

    /// <summary>Tokens of the vocabulary.</summary>
    Vocabulary,

    /// <summary>Pairs of elements of a head, which the rotary embedding turns.</summary>
    RotaryPairs,
}
