using Llama2.Tensors;

namespace Llama2;

/// <summary>
/// A LoRA adapter (Hu et al. 2021, arXiv 2106.09685) that <see cref="ILlamaModel.LoadAdapter"/> has loaded for one model: small matrices that change
/// the effect of the model's weights without modifying them, and possibly whole matrices that replace some of these weights. <see cref="ComputationOptions.Adapters"/> determines which generations use the adapter. Immutable
/// and thread-safe.
/// </summary>
/// <remarks>
/// Disposing frees the weights as soon as the generations that use them have ended; later generations are refused with
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class LlamaAdapter : IDisposable
{
    internal LlamaAdapter(string path, string name, int maxRank, AdapterWeights weights)
    {
        Path = path;
        Name = name;
        MaxRank = maxRank;
        Weights = weights;
    }

    /// <summary>The file or folder that the adapter was loaded from, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>The name that a GGUF file states for itself, or the name of a PEFT folder; empty if the GGUF file states no name.</summary>
    public string Name { get; }

    /// <summary>The largest rank of the adapter's matrices; 0 if the adapter has only whole matrices.</summary>
    public int MaxRank { get; }

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public long ByteSize => Weights.ByteSize;

    /// <summary>64 hexadecimal digits that identify the adapter: a SHA-256 digest of its tensors' names, shapes and numbers.</summary>
    public string Fingerprint => Weights.Fingerprint;

    internal AdapterWeights Weights { get; }

    /// <summary>Frees the weights, immediately or when the last generation that uses them has ended.</summary>
    public void Dispose() => Weights.Dispose();
}
