using Llama2.Architectures;
using Llama2.Tokenization;

namespace Llama2.Training.Model;

/// <summary>The GGUF metadata of a model that starts with random weights.</summary>
internal static class RandomModelMetadata
{
    private const float RmsNormEpsilon = 1e-5f;
    // The RoPE base of Llama, which is also the default if a file states none.
    private const float RopeTheta = 10_000;

    /// <summary>Creates the metadata for a vocabulary and a shape.</summary>
    public static OrderedDictionary<string, object> Create(Vocabulary vocabulary, ModelShape shape)
    {
        MetadataKeys keys = ModelArchitecture.Llama.Keys;
        OrderedDictionary<string, object> metadata = ModelMetadata.Create(ModelArchitecture.Llama, "trained", shape.ContextLength, shape.Dimensions, RmsNormEpsilon);
        metadata[keys.RopeDimensionCount] = ModelMetadata.Count(shape.Dimensions.HeadLength);
        metadata[keys.RopeTheta] = RopeTheta;
        metadata[keys.VocabularySize] = ModelMetadata.Count(vocabulary.Count);
        VocabularyMetadata.Add(metadata, vocabulary);
        return metadata;
    }

    /// <exception cref="ArgumentException">The shape is not valid for a model.</exception>
    public static ModelConfiguration ConfigurationOf(ModelShape shape, int vocabularySize)
    {
        foreach (int length in (ReadOnlySpan<int>)
            [shape.EmbeddingLength, shape.LayerCount, shape.HeadCount, shape.KeyValueHeadCount, shape.FeedForwardLength, shape.ContextLength])
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 1, nameof(shape));
        }

        if (shape.EmbeddingLength % (2 * (long)shape.HeadCount) != 0 || shape.HeadCount % shape.KeyValueHeadCount != 0)
        {
            throw new ArgumentException(
                $"{shape.HeadCount} heads, {shape.KeyValueHeadCount} for keys and values, do not fit a width of {shape.EmbeddingLength}: the width divided by the number of heads must be an even number, and the number of heads must be a multiple of the number of key-value heads.",
                nameof(shape));
        }

        return new ModelConfiguration
        {
            Architecture = ModelArchitecture.Llama.Name,
            Name = "trained",
            ContextLength = shape.ContextLength,
            EmbeddingLength = shape.EmbeddingLength,
            LayerCount = shape.LayerCount,
            HeadCount = shape.HeadCount,
            KeyValueHeadCount = shape.KeyValueHeadCount,
            FeedForwardLength = shape.FeedForwardLength,
            VocabularySize = vocabularySize,
            RmsNormEpsilon = RmsNormEpsilon,
        };
    }
}
