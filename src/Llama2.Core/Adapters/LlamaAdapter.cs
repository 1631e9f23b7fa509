using Llama2.Tensors;

namespace Llama2;

/// <summary>
/// A LoRA adapter (Hu et al. 2021, arXiv 2106.09685) that <see cref="ILlamaModel.LoadAdapter"/> has loaded for one model: small matrices
/// that change what the model's weights do, while these stay as they are. Which generations run with it is said by
/// <see cref="GenerationOptions.Adapters"/>. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Disposing frees the weights, once the generations that run with them have ended; later ones are refused with
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

    /// <summary>The name that the file gives itself, or that of its folder; empty if it has none.</summary>
    public string Name { get; }

    /// <summary>The greatest rank of the adapter's matrices.</summary>
    public int MaxRank { get; }

    /// <summary>Bytes of memory that the weights take.</summary>
    public long ByteSize => Weights.ByteSize;

    /// <summary>64 hexadecimal digits that tell this adapter from another: a SHA-256 digest of its tensors' names, shapes and numbers.</summary>
    public string Fingerprint => Weights.Fingerprint;

    internal AdapterWeights Weights { get; }

    /// <summary>Frees the weights, at once or when the last generation that runs with them has ended.</summary>
    public void Dispose() => Weights.Dispose();
}
