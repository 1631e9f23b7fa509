using System.Diagnostics.CodeAnalysis;

namespace Llama2.Formats;

/// <summary>
/// A model that is read as if it were one GGUF file, although its metadata and tensors come from other formats or from several files. Owns these
/// files. Thread-safe.
/// </summary>
internal sealed class ComposedModelFile : IModelFile
{
    private readonly TensorTable _table;
    private readonly Dictionary<string, ITensorSource> _sources = new(StringComparer.Ordinal);
    private readonly Func<string, long?> _metadataOffset;
    private readonly IReadOnlyList<IDisposable> _owned;

    /// <param name="path">The path of the file or folder, as the caller gave it.</param>
    /// <param name="formatName">The format and its version.</param>
    /// <param name="byteSize">The size of all files together in bytes.</param>
    /// <param name="metadata">The metadata, with the keys and the types of values that GGUF has.</param>
    /// <param name="tensors">The tensors, with the names that they have in GGUF.</param>
    /// <param name="owned">The objects that are disposed with this file.</param>
    /// <param name="metadataOffset">A function that returns the file offset of a key's value; null if error messages about metadata should state no offset.</param>
    /// <exception cref="ModelFormatException">Two tensors have the same name.</exception>
    public ComposedModelFile(
        string path, string formatName, long byteSize, IReadOnlyDictionary<string, object> metadata, IReadOnlyList<ITensorSource> tensors,
        IReadOnlyList<IDisposable> owned, Func<string, long?>? metadataOffset = null)
    {
        Path = path;
        FormatName = formatName;
        ByteSize = byteSize;
        Metadata = metadata;
        _table = new TensorTable(path, [.. tensors.Select(tensor => tensor.Description)]);
        _owned = owned;
        _metadataOffset = metadataOffset ?? (_ => null);
        foreach (ITensorSource tensor in tensors)
            _sources.Add(tensor.Description.Name, tensor);
    }

    public string Path { get; }

    public string FormatName { get; }

    public long ByteSize { get; }

    public DateTime? LastWriteTimeUtc { get; init; }

    public IReadOnlyDictionary<string, object> Metadata { get; }

    public IReadOnlyList<TensorDescription> Tensors => _table.All;

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor) => _table.TryGet(name, out tensor);

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public long? MetadataOffset(string key) => _metadataOffset(key);

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        _table.CheckRead(tensor, byteOffset, destination.Length);
        _sources[tensor.Name].Read(byteOffset, destination);
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }
}
