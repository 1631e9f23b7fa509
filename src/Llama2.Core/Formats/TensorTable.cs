using System.Diagnostics.CodeAnalysis;
using Llama2.Quantization;

namespace Llama2.Formats;

/// <summary>The tensors of an open model file by name, and the checks that every read makes first. Immutable.</summary>
internal sealed class TensorTable
{
    private readonly string _path;
    private readonly Dictionary<string, TensorDescription> _byName;

    /// <param name="path">The file, for error messages.</param>
    /// <param name="tensors">The tensors in the file's order.</param>
    /// <exception cref="ModelFormatException">
    /// Two tensors have the same name, either in the file or after the file's names were converted to GGUF's names.
    /// </exception>
    public TensorTable(string path, IReadOnlyList<TensorDescription> tensors)
    {
        _path = path;
        All = tensors;
        _byName = new Dictionary<string, TensorDescription>(tensors.Count, StringComparer.Ordinal);
        foreach (TensorDescription tensor in tensors)
        {
            if (!_byName.TryAdd(tensor.Name, tensor))
                throw new ModelFormatException(path, tensor.EntryOffset, "tensor name", $"'{tensor.Name}'", "two tensors have this name, or names that are converted to it: the file mixes two models, or two forms of one");
        }
    }

    public IReadOnlyList<TensorDescription> All { get; }

    public bool TryGet(string name, [NotNullWhen(true)] out TensorDescription? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Checks that a part is within a tensor of this table, and that this library supports the tensor's type.</summary>
    /// <exception cref="ModelFormatException">The tensor's type is not supported.</exception>
    /// <exception cref="ArgumentException">The tensor is from another file, or the part is not within the tensor.</exception>
    public void CheckRead(TensorDescription tensor, long byteOffset, int byteCount)
    {
        if (!_byName.TryGetValue(tensor.Name, out TensorDescription? own) || !ReferenceEquals(own, tensor))
            throw new ArgumentException($"Tensor '{tensor.Name}' is not one of '{_path}'.", nameof(tensor));

        if (!WeightFormats.IsSupported(tensor.Type))
        {
            throw new ModelFormatException(
                _path, tensor.EntryOffset, $"type of tensor '{tensor.Name}'", $"{tensor.Type}",
                $"only {string.Join(", ", WeightFormats.Supported)} are supported; use the model in one of these types");
        }

        if ((ulong)byteOffset > (ulong)tensor.ByteSize || (ulong)byteCount > (ulong)(tensor.ByteSize - byteOffset))
        {
            throw new ArgumentOutOfRangeException(
                nameof(byteOffset), byteOffset, $"{byteCount} bytes from this offset on are not all within tensor '{tensor.Name}' of {tensor.ByteSize} bytes.");
        }
    }
}
