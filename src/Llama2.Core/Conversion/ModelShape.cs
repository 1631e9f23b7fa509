using Llama2.Architectures;

namespace Llama2;

/// <summary>The shape of a model with random weights. The shapes in <see cref="Named"/> are those of published models.</summary>
/// <param name="EmbeddingLength">The width of the residual stream.</param>
/// <param name="LayerCount">The number of transformer blocks.</param>
/// <param name="HeadCount">The number of query heads.</param>
/// <param name="KeyValueHeadCount">The number of key and value heads.</param>
/// <param name="FeedForwardLength">The width of the feed-forward network.</param>
/// <param name="ContextLength">The context length in tokens.</param>
public sealed record ModelShape(int EmbeddingLength, int LayerCount, int HeadCount, int KeyValueHeadCount, int FeedForwardLength, int ContextLength)
{
    /// <summary>The dimensions that determine the shapes of the tensors.</summary>
    internal ModelDimensions Dimensions => new(LayerCount, EmbeddingLength, HeadCount, KeyValueHeadCount, FeedForwardLength, RandomModel.VocabularySize);

    /// <summary>
    /// Shapes of published models by name: 160m, 1b (TinyLlama 1.1B), 7b and 13b (Llama 2), 70b-8layers (the first 8 of the 80 layers of Llama 2
    /// 70B).
    /// </summary>
    public static IReadOnlyDictionary<string, ModelShape> Named { get; } = new Dictionary<string, ModelShape>
    {
        ["160m"] = new(768, 12, 12, 12, 3072, 2048),
        ["1b"] = new(2048, 22, 32, 4, 5632, 2048),
        ["7b"] = new(4096, 32, 32, 32, 11008, 4096),
        ["13b"] = new(5120, 40, 40, 40, 13824, 4096),
        ["70b-8layers"] = new(8192, 8, 64, 8, 28672, 4096),
    };
}
