namespace Llama2.Architectures;

/// <summary>The dimensions of a model that determine the shapes of its tensors.</summary>
/// <param name="LayerCount">The number of transformer blocks.</param>
/// <param name="Embedding">The width of the residual stream.</param>
/// <param name="HeadCount">The number of query heads.</param>
/// <param name="KeyValueHeadCount">The number of key and value heads.</param>
/// <param name="FeedForward">The width of the feed-forward network's hidden layer.</param>
/// <param name="Vocabulary">The number of tokens in the vocabulary.</param>
internal readonly record struct ModelDimensions(int LayerCount, long Embedding, long HeadCount, long KeyValueHeadCount, long FeedForward, long Vocabulary)
{
    /// <summary>The width of a head.</summary>
    public long HeadLength => Embedding / HeadCount;

    /// <summary>The length of a dimension.</summary>
    public long this[Dimension dimension] => dimension switch
    {
        Dimension.One => 1,
        Dimension.Embedding => Embedding,
        Dimension.KeyValue => HeadLength * KeyValueHeadCount,
        Dimension.FeedForward => FeedForward,
        Dimension.Vocabulary => Vocabulary,
        Dimension.RotaryPairs => HeadLength / 2,
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, null),
    };
}
