using Llama2.Tokenization;

namespace Llama2.Training.Model;

/// <summary>The GGUF metadata of a model that starts with random weights.</summary>
internal static class RandomModelMetadata
{
    private const float RmsNormEpsilon = 1e-5f;
    // Llama's value, which is also the default of a configuration.
    private const float RopeTheta = 10_000;

    /// <summary>Creates the metadata for a vocabulary and a shape.</summary>
    public static Dictionary<string, object> Create(Vocabulary vocabulary, ModelShape shape)
    {
        var metadata = new Dictionary<string, object>
        {
            ["general.architecture"] = "llama",
            ["general.name"] = "trained",
            ["llama.context_length"] = (uint)shape.ContextLength,
            ["llama.embedding_length"] = (uint)shape.EmbeddingLength,
            ["llama.block_count"] = (uint)shape.LayerCount,
            ["llama.feed_forward_length"] = (uint)shape.FeedForwardLength,
            ["llama.attention.head_count"] = (uint)shape.HeadCount,
            ["llama.attention.head_count_kv"] = (uint)shape.KeyValueHeadCount,
            ["llama.attention.layer_norm_rms_epsilon"] = RmsNormEpsilon,
            ["llama.rope.dimension_count"] = (uint)(shape.EmbeddingLength / shape.HeadCount),
            ["llama.rope.freq_base"] = RopeTheta,
            ["llama.vocab_size"] = (uint)vocabulary.Count,
        };
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
                $"{shape.HeadCount} heads, {shape.KeyValueHeadCount} for keys and values, do not fit a width of {shape.EmbeddingLength}: the number of heads must divide the width into heads of an even width, and be a multiple of the number of key-value heads.",
                nameof(shape));
        }

        return new ModelConfiguration
        {
            Architecture = "llama",
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
