using Llama2.Architectures;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>Reads a model's configuration from GGUF metadata, and checks that each value is in range and consistent with the others.</summary>
internal static class ConfigurationReader
{
    private const int MaxLayerCount = 512;

    /// <exception cref="ModelFormatException">A value is missing, out of range or inconsistent with others, or the model is not of the Llama family.</exception>
    public static ModelConfiguration Read(IModelFile file)
    {
        var metadata = new MetadataReader(file);
        if (metadata.FindInt32(SplitKeys.Count, 0, int.MaxValue) is int parts and > 1)
        {
            throw metadata.Fault(SplitKeys.Count, Invariant($"{parts:N0}"), "the model is split into parts and this is one of them; put them together with llama-gguf-split --merge");
        }

        if (metadata.Has(GeneralKeys.Type, "adapter"))
        {
            throw metadata.Fault(GeneralKeys.Type, "adapter", "the file is a LoRA adapter, which is loaded in addition to its model: name the model, and give it this file as an adapter (LlamaModel.LoadAdapter, --adapter)");
        }

        string name = metadata.GetString(GeneralKeys.Architecture);
        ModelArchitecture architecture = ModelArchitecture.Find(name)
            ?? throw metadata.Fault(GeneralKeys.Architecture, name, $"only {ModelArchitecture.Names} is supported: {string.Join("; ", ModelArchitecture.All.Select(known => known.Models))}");
        MetadataKeys keys = architecture.Keys;
        if (metadata.FindInt32(keys.ExpertCount, 0, int.MaxValue) is int experts and > 0)
        {
            throw metadata.Fault(keys.ExpertCount, Invariant($"{experts:N0}"), "mixtures of experts are not supported");
        }

        int headCount = metadata.GetInt32(keys.HeadCount, 1, 1024);
        var configuration = new ModelConfiguration
        {
            Architecture = architecture.Name,
            Name = metadata.FindString(GeneralKeys.Name) ?? "",
            ContextLength = metadata.GetInt32(keys.ContextLength, 1, RopeScaling.MaxContextLength),
            EmbeddingLength = metadata.GetInt32(keys.EmbeddingLength, 1, ModelConfiguration.MaxWidth),
            LayerCount = metadata.GetInt32(keys.LayerCount, 1, MaxLayerCount),
            HeadCount = headCount,
            KeyValueHeadCount = metadata.FindInt32(keys.KeyValueHeadCount, 1, headCount) ?? headCount,
            FeedForwardLength = metadata.GetInt32(keys.FeedForwardLength, 1, ModelConfiguration.MaxWidth),
            VocabularySize = VocabularySize(file),
            RmsNormEpsilon = metadata.GetSingle(keys.RmsNormEpsilon, 1e-12f, 1),
            RopeTheta = metadata.FindSingle(keys.RopeTheta, 1, 1e12f) ?? 10_000,
            RopeScaling = RopeScalingReader.Read(metadata, keys.Scaling),
        };
        CheckHeads(metadata, keys, configuration);
        RefuseOtherArithmetic(metadata, keys, configuration);
        return configuration;
    }

    // The embedding table has a row for each token, so its number of rows is the vocabulary size, whatever the metadata states.
    private static int VocabularySize(IModelFile file)
    {
        if (!file.TryGetTensor(LlamaTensors.TokenEmbedding.Name(), out TensorDescription? embedding))
        {
            throw new ModelFormatException(file.Path, null, LlamaTensors.TokenEmbedding.Name(), "absent", "a model must have a table of token embeddings; a vocabulary-only file has a tokenizer and no model");
        }

        return embedding.RowCount <= ModelConfiguration.MaxWidth
            ? (int)embedding.RowCount
            : throw new ModelFormatException(file.Path, embedding.EntryOffset, "vocabulary size", Invariant($"{embedding.RowCount:N0}"), Invariant($"the limit is {ModelConfiguration.MaxWidth:N0}"));
    }

    private static void CheckHeads(MetadataReader metadata, MetadataKeys keys, ModelConfiguration configuration)
    {
        (int width, int heads, int keyValueHeads) = (configuration.EmbeddingLength, configuration.HeadCount, configuration.KeyValueHeadCount);
        if (width % heads != 0 || configuration.HeadLength % 2 != 0)
        {
            throw metadata.Fault(keys.HeadCount, Invariant($"{heads:N0}"), Invariant($"it must divide the embedding length {width:N0} into heads of even width"));
        }

        if (heads % keyValueHeads != 0)
        {
            throw metadata.Fault(keys.KeyValueHeadCount, Invariant($"{keyValueHeads:N0}"), Invariant($"it must divide the head count {heads:N0}"));
        }

        foreach (string key in (string[])[keys.RopeDimensionCount, keys.KeyLength, keys.ValueLength])
        {
            if (metadata.FindInt32(key, 0, int.MaxValue) is int length && length != configuration.HeadLength)
            {
                throw metadata.Fault(key, Invariant($"{length:N0}"), Invariant($"only the width of a whole head is supported, here {configuration.HeadLength:N0}"));
            }
        }
    }

    // Refuses properties of other GGUF models that Llama's forward pass does not support. Some converters write such a property with a value that has
    // no effect; that value is accepted.
    private static void RefuseOtherArithmetic(MetadataReader metadata, MetadataKeys keys, ModelConfiguration configuration)
    {
        if (metadata.FindInt32(keys.SlidingWindow, 0, int.MaxValue) is int window and > 0 && window < configuration.ContextLength)
        {
            throw metadata.Fault(keys.SlidingWindow, Invariant($"{window:N0}"), "attention over a window shorter than the context is not supported");
        }

        if (metadata.FindBoolean(keys.IsCausal) == false)
        {
            throw metadata.Fault(keys.IsCausal, "false", "only causal attention is supported, where a token attends to itself and to those before it");
        }

        if (metadata.FindBoolean(keys.UsesParallelResidual) == true)
        {
            throw metadata.Fault(keys.UsesParallelResidual, "true", "only layers whose feed-forward network follows the attention are supported");
        }

        foreach (string key in keys.Scales)
        {
            RefuseNumber(metadata, key, 1);
        }

        foreach (string key in keys.Limits)
        {
            RefuseNumber(metadata, key, 0);
        }

        RefuseNumber(metadata, keys.AttentionScale, 1 / MathF.Sqrt(configuration.HeadLength));
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
