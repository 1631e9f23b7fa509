namespace Llama2.Architectures;

/// <summary>The meaning of a dimension of a model's tensors; <see cref="ModelDimensions"/> returns its length.</summary>
internal enum Dimension
{
    /// <summary>The length 1: the number of rows of a vector.</summary>
    One,

    /// <summary>The width of the residual stream, which is also the width of all query heads together.</summary>
    Embedding,

    /// <summary>The width of all key heads together, which is also the width of all value heads together.</summary>
    KeyValue,

    /// <summary>The width of the feed-forward network's hidden layer.</summary>
    FeedForward,

    /// <summary>The number of tokens in the vocabulary.</summary>
    Vocabulary,

    /// <summary>The number of pairs of elements of a head that the rotary embedding rotates.</summary>
    RotaryPairs,
}
