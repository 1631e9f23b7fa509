namespace Llama2.Architectures;

/// <summary>Describes a model in the words of GGUF.</summary>
internal static class ModelMetadata
{
    /// <summary>The figures that a model cannot be read without, in the order of llama.cpp's converter; readers of other forms add what they know besides.</summary>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="name">The model's own name; null where nothing gives one.</param>
    /// <param name="contextLength">Tokens that it was trained for.</param>
    /// <param name="dimensions">Its widths and counts; the vocabulary is left to the caller.</param>
    /// <param name="rmsNormEpsilon">Added to the mean square in RMSNorm.</param>
    /// <param name="statesHeadLength">Whether the width of a head is stated too.</param>
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

    /// <summary>A count as GGUF's writers state it and llama.cpp requires it, unsigned. A negative one, which is refused when the model is read, is kept.</summary>
    public static object Count(long value) => value is >= 0 and <= uint.MaxValue ? (object)(uint)value : value;
}
