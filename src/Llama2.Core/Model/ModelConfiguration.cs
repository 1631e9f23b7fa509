using Llama2.Architectures;

namespace Llama2;

/// <summary>The shape of a model of the Llama family, as its file states it. Immutable.</summary>
public sealed record ModelConfiguration
{
    /// <summary>The highest value that is allowed for each of the embedding length, the feed-forward length and the vocabulary size.</summary>
    internal const int MaxWidth = 1 << 20;

    /// <summary>The architecture as the file names it: <c>llama</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The model's own name, or an empty string if the file does not state one.</summary>
    public required string Name { get; init; }

    /// <summary>The context length that the model was trained for, in tokens: 4,096 for Llama 2, 2,048 for Llama 1.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Width of the residual stream (hidden size).</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>The number of transformer blocks.</summary>
    public required int LayerCount { get; init; }

    /// <summary>The number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>The number of key and value heads; fewer than <see cref="HeadCount"/> if query heads share them (grouped-query attention, as in 70B).</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of the feed-forward network's hidden layer.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>The number of tokens in the vocabulary, and the length of a row of logits.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The number that RMSNorm adds to the mean square: 1e-5 for Llama 2, 1e-6 for Llama 1.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary embedding's frequencies (θ); 10,000 unless the file says otherwise.</summary>
    public float RopeTheta { get; init; } = 10_000;

    /// <summary>
    /// How the rotary embedding is scaled: as the file states, or by <see cref="LlamaModelOptions.RopeScaling"/> if the model was loaded with it.
    /// </summary>
    public RopeScaling RopeScaling { get; init; } = RopeScaling.None;

    /// <summary>Width of one head.</summary>
    public int HeadLength => EmbeddingLength / HeadCount;

    /// <summary>Width of all key heads together, and of all value heads.</summary>
    public int KeyValueLength => HeadLength * KeyValueHeadCount;

    /// <summary>The dimensions that determine the shapes of the tensors.</summary>
    internal ModelDimensions Dimensions => new(LayerCount, EmbeddingLength, HeadCount, KeyValueHeadCount, FeedForwardLength, VocabularySize);

    /// <summary>The tables of the architecture.</summary>
    /// <exception cref="InvalidOperationException">There is no such architecture.</exception>
    internal ModelArchitecture Family => ModelArchitecture.Find(Architecture) ?? throw new InvalidOperationException($"There is no architecture '{Architecture}'.");
}
