using Llama2.Adapters;
using Llama2.Tensors;

namespace Llama2;

/// <summary>
/// A LoRA adapter (Hu et al. 2021, arXiv 2106.09685) that <see cref="ILlamaModel.LoadAdapter"/> has loaded for one model: small matrices that change
/// the effect of the model's weights without modifying them, and possibly whole tensors that replace some of these weights. <see cref="ComputationOptions.Adapters"/> determines which generations use the adapter. Immutable
/// and thread-safe.
/// </summary>
/// <remarks>
/// Disposing frees the weights as soon as the generations that use them have ended; later generations are refused with
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class LlamaAdapter : IDisposable
{
    internal LlamaAdapter(string path, AdapterFile file, bool isTrainedOnOtherModel, AdapterWeights weights)
    {
        Path = path;
        Name = file.Name;
        MaxRank = file.Pairs.Select(pair => pair.Rank).DefaultIfEmpty().Max();
        TrainingRecords = Array.AsReadOnly([.. file.TrainingRecords]);
        IsTrainedOnOtherModel = isTrainedOnOtherModel;
        Weights = weights;
    }

    /// <summary>The file or folder that the adapter was loaded from, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>The name that a GGUF file states for itself, or the name of a PEFT folder; empty if the GGUF file states no name.</summary>
    public string Name { get; }

    /// <summary>The largest rank of the adapter's matrices; 0 if the adapter has only whole tensors.</summary>
    public int MaxRank { get; }

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public long ByteSize => Weights.ByteSize;

    /// <summary>64 hexadecimal digits that identify the adapter: a SHA-256 digest of its tensors' names, shapes and numbers.</summary>
    public string Fingerprint => Weights.Fingerprint;

    /// <summary>How the adapter was trained, the oldest training first; empty if the file does not state it.</summary>
    public IReadOnlyList<AdapterTrainingRecord> TrainingRecords { get; }

    /// <summary>
    /// Whether the adapter states that it was last trained with a model other than the one for which it was loaded, or another quantization of it. Such an
    /// adapter fits the model's shape, but its changes probably make the model worse. False if the file does not say with which model it was trained.
    /// </summary>
    public bool IsTrainedOnOtherModel { get; }

    internal AdapterWeights Weights { get; }

    /// <summary>Frees the weights, immediately or when the last generation that uses them has ended.</summary>
    public void Dispose() => Weights.Dispose();
}
