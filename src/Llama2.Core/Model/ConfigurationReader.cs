using Llama2.Architectures;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>Reads a model's configuration from GGUF metadata, and checks the range of each value and their consistency.</summary>
internal static class ConfigurationReader
{
    private const int MaxLayerCount = 512;

    /// <exception cref="ModelFormatException">A value is missing, out of range or inconsistent with others, or the model is not of the Llama family.</exception>
    public static ModelConfiguration Read(IModelFile file)
    {
        var metadata = new MetadataReader(file);
        if (metadata.FindInt32("split.count", 0, int.MaxValue) is int parts and > 1)
        {
            throw metadata.Fault("split.count", Invariant($"{parts:N0}"), "the model is split into parts and this is one of them; put them together with llama-gguf-split --merge");
        }

        string architecture = metadata.GetString("general.architecture");
        if (architecture != "llama")
        {
            throw metadata.Fault("general.architecture", architecture, "only 'llama' is supported: Llama 1, Llama 2 and their fine-tunes");
        }

        if (metadata.FindInt32("llama.expert_count", 0, int.MaxValue) is int experts and > 0)
        {
            throw metadata.Fault("llama.expert_count", Invariant($"{experts:N0}"), "mixtures of experts are not supported");
        }

        int headCount = metadata.GetInt32("llama.attention.head_count", 1, 1024);
        var configuration = new ModelConfiguration
        {
            Architecture = architecture,
            Name = metadata.FindString("general.name") ?? "",
            ContextLength = metadata.GetInt32("llama.context_length", 1, RopeScaling.MaxContextLength),
            EmbeddingLength = metadata.GetInt32("llama.embedding_length", 1, ModelConfiguration.MaxWidth),
            LayerCount = metadata.GetInt32("llama.block_count", 1, MaxLayerCount),
            HeadCount = headCount,
            KeyValueHeadCount = metadata.FindInt32("llama.attention.head_count_kv", 1, headCount) ?? headCount,
            FeedForwardLength = metadata.GetInt32("llama.feed_forward_length", 1, ModelConfiguration.MaxWidth),
            VocabularySize = VocabularySize(file),
            RmsNormEpsilon = metadata.GetSingle("llama.attention.layer_norm_rms_epsilon", 1e-12f, 1),
            RopeTheta = metadata.FindSingle("llama.rope.freq_base", 1, 1e12f) ?? 10_000,
            RopeScaling = RopeScalingReader.Read(metadata),
        };
        CheckHeads(metadata, configuration);
        RefuseOtherArithmetic(metadata, configuration);
        return configuration;
    }

    // The embedding table has a row for each token, whatever the metadata states.
    private static int VocabularySize(IModelFile file)
    {
        if (!file.TryGetTensor(LlamaTensors.TokenEmbedding.Name(), out TensorDescription? embedding))
        {
            throw new ModelFormatException(file.Path, -1, LlamaTensors.TokenEmbedding.Name(), "absent", "a model has a table of token embeddings; a vocabulary-only file has a tokenizer and no model");
        }

        return embedding.RowCount <= ModelConfiguration.MaxWidth
            ? (int)embedding.RowCount
            : throw new ModelFormatException(file.Path, embedding.EntryOffset, "vocabulary size", Invariant($"{embedding.RowCount:N0}"), Invariant($"the limit is {ModelConfiguration.MaxWidth:N0}"));
    }

    private static void CheckHeads(MetadataReader metadata, ModelConfiguration configuration)
    {
        (int width, int heads, int keyValueHeads) = (configuration.EmbeddingLength, configuration.HeadCount, configuration.KeyValueHeadCount);
        if (width % heads != 0 || configuration.HeadLength % 2 != 0)
        {
            throw metadata.Fault("llama.attention.head_count", Invariant($"{heads:N0}"), Invariant($"it must divide the embedding length {width:N0} into heads of even width"));
        }

        if (heads % keyValueHeads != 0)
        {
            throw metadata.Fault("llama.attention.head_count_kv", Invariant($"{keyValueHeads:N0}"), Invariant($"it must divide the head count {heads:N0}"));
        }

        foreach (string key in (string[])["llama.rope.dimension_count", "llama.attention.key_length", "llama.attention.value_length"])
        {
            if (metadata.FindInt32(key, 0, int.MaxValue) is int length && length != configuration.HeadLength)
            {
                throw metadata.Fault(key, Invariant($"{length:N0}"), Invariant($"only the width of a whole head is supported, here {configuration.HeadLength:N0}"));
            }
        }
    }

    // Properties of other GGUF models that Llama's forward pass does not support. Some converters write neutral values.
    private static void RefuseOtherArithmetic(MetadataReader metadata, ModelConfiguration configuration)
    {
        const string WindowKey = "llama.attention.sliding_window", CausalKey = "llama.attention.causal", ParallelKey = "llama.use_parallel_residual";
        if (metadata.FindInt32(WindowKey, 0, int.MaxValue) is int window and > 0 && window < configuration.ContextLength)
        {
            throw metadata.Fault(WindowKey, Invariant($"{window:N0}"), "attention over a window shorter than the context is not supported");
        }

        if (metadata.FindBoolean(CausalKey) == false)
        {
            throw metadata.Fault(CausalKey, "false", "only causal attention is supported, where a token attends to itself and to those before it");
        }

        if (metadata.FindBoolean(ParallelKey) == true)
        {
            throw metadata.Fault(ParallelKey, "true", "only layers whose feed-forward network follows the attention are supported");
        }

        foreach (string key in (string[])["llama.logit_scale", "llama.residual_scale", "llama.embedding_scale"])
        {
            RefuseNumber(metadata, key, 1);
        }

        foreach (string key in (string[])["llama.attention.clamp_kqv", "llama.attention.max_alibi_bias", "llama.attn_logit_softcapping", "llama.final_logit_softcapping"])
        {
            RefuseNumber(metadata, key, 0);
        }

        RefuseNumber(metadata, "llama.attention.scale", 1 / MathF.Sqrt(configuration.HeadLength));
    }

    // 0 means that the model does not have the property.
    private static void RefuseNumber(MetadataReader metadata, string key, float neutral)
    {
        if (metadata.FindSingle(key, float.MinValue, float.MaxValue) is { } number and not 0 && MathF.Abs(number - neutral) > 1e-6f * neutral)
        {
            throw metadata.Fault(key, Invariant($"{number}"), "Llama's forward pass has no such operation, and without it the model would answer differently");
        }
    }
}
