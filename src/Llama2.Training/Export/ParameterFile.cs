using System.Diagnostics.CodeAnalysis;
using Llama2.Formats;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>
/// The trained parameters as a model file of float32 tensors that exists only in memory. Code that writes models in other formats can read it like
/// any other model file.
/// </summary>
internal sealed class ParameterFile : IModelFile
{
    private readonly Dictionary<string, (TensorDescription Description, Matrix Values)> _tensors = new(StringComparer.Ordinal);

    /// <param name="name">The file's name in messages.</param>
    /// <param name="parameters">The tensors; they are not disposed with this object.</param>
    /// <param name="metadata">The metadata of the file.</param>
    public ParameterFile(string name, IReadOnlyList<Parameter> parameters, IReadOnlyDictionary<string, object> metadata)
    {
        Path = name;
        Metadata = metadata;
        foreach (Parameter parameter in parameters)
        {
            var description = new TensorDescription(parameter.Name, GgmlType.F32, GgufParameters.DimensionsOf(parameter), offset: -1, entryOffset: null);
            _tensors.Add(parameter.Name, (description, parameter.Values));
        }

        Tensors = [.. parameters.Select(parameter => _tensors[parameter.Name].Description)];
    }

    public string Path { get; }

    public string FormatName => "trained";

    public long ByteSize => Tensors.Sum(tensor => tensor.ByteSize);

    public IReadOnlyDictionary<string, object> Metadata { get; }

    public IReadOnlyList<TensorDescription> Tensors { get; }

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor)
    {
        tensor = _tensors.TryGetValue(name, out (TensorDescription Description, Matrix Values) found) ? found.Description : null;
        return tensor is not null;
    }

    public long? MetadataOffset(string key) => null;

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        Matrix values = _tensors[tensor.Name].Values;
        while (destination.Length > 0)
        {
            (long row, long skipped) = Math.DivRem(byteOffset, tensor.RowByteSize);
            ReadOnlySpan<byte> rest = values.RowBytes((int)row)[(int)skipped..];
            int count = Math.Min(rest.Length, destination.Length);
            rest[..count].CopyTo(destination);
            destination = destination[count..];
            byteOffset += count;
        }
    }

    public void Dispose()
    {
    }
}
