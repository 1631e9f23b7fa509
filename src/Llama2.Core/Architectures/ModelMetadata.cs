namespace Llama2.Architectures;

/// <summary>Creates the metadata of a model with GGUF's keys.</summary>
internal static class ModelMetadata
{
    /// <summary>
    /// Creates the metadata that every model needs, in the order of llama.cpp's converter. The readers of formats other than GGUF add the other
    /// properties that their files state.
    /// </summary>
    /// <param name="architecture">The architecture of the model.</param>
    /// <param name="name">The model's own name; null if its files do not state one.</param>
    /// <param name="contextLength">The context length that the model was trained for, in tokens.</param>
    /// <param name="dimensions">The dimensions of the model; the vocabulary size is not used, because the caller adds the vocabulary.</param>
    /// <param name="rmsNormEpsilon">The number that RMSNorm adds to the mean square.</param>
    /// <param name="statesHeadLength">Whether to include the width of a head.</param>
    public static OrderedDictionary<string, object> Create(
        ModelArchitecture architecture, string? name, int contextLength, ModelDimensions dimensions, float rmsNormEpsilon, bool statesHeadLength = false)
    {
        MetadataKeys keys = architecture.Keys;
        var metadata = new OrderedDictionary<string, object>(StringComparer.Ordinal) { [GeneralKeys.Architecture] = architecture.Name };
        if (name is not null)
        {
            metadata[GeneralKeys.Name] = name;
        }

        metadata[keys.ContextLength] = Count(contextLength);
        metadata[keys.EmbeddingLength] = Count(dimensions.Embedding);
        metadata[keys.LayerCount] = Count(dimensions.LayerCount);
        metadata[keys.FeedForwardLength] = Count(dimensions.FeedForward);
        metadata[keys.HeadCount] = Count(dimensions.HeadCount);
        metadata[keys.KeyValueHeadCount] = Count(dimensions.KeyValueHeadCount);
        if (statesHeadLength)
        {
            metadata[keys.KeyLength] = Count(dimensions.HeadLength);
            metadata[keys.ValueLength] = Count(dimensions.HeadLength);
        }

        metadata[keys.RmsNormEpsilon] = rmsNormEpsilon;
        return metadata;
    }

    /// <summary>
    /// Returns a count as an unsigned 32-bit integer, which converters write and llama.cpp requires. A count that does not fit, such as a negative
    /// one, is returned unchanged, and is refused when the model is read.
    /// </summary>
    public static object Count(long value) => value is >= 0 and <= uint.MaxValue ? (object)(uint)value : value;
}
