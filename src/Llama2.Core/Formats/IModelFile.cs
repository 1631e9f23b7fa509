using System.Diagnostics.CodeAnalysis;

namespace Llama2.Formats;

/// <summary>An open model file: metadata and named tensors, all checked when it was opened. Thread-safe.</summary>
internal interface IModelFile : IDisposable
{
    /// <summary>The file as the caller named it.</summary>
    string Path { get; }

    /// <summary>The format and its version, such as <c>GGUF v3</c>.</summary>
    string FormatName { get; }

    /// <summary>Bytes in the file.</summary>
    long ByteSize { get; }

    /// <summary>
    /// The metadata: a number (<see cref="byte"/> to <see cref="ulong"/>, <see cref="float"/>, <see cref="double"/>), a <see cref="bool"/>,
    /// a <see cref="string"/>, or an array of one of these, never written to. <see cref="MetadataReader"/> gives it with checks.
    /// </summary>
    IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>The tensors in the order of the file's table, those of types that this library does not compute with among them.</summary>
    IReadOnlyList<TensorDescription> Tensors { get; }

    /// <summary>Statements of the files that were not followed, each described in a sentence; usually empty.</summary>
    IReadOnlyList<string> Warnings => [];

    /// <summary>Finds a tensor by its name.</summary>
    bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor);

    /// <summary>File offset of the value of a metadata key, for error messages; -1 if the file has no such key.</summary>
    long MetadataOffset(string key);

    /// <summary>Reads a part of a tensor's bytes. Callers read many rows at once: a read costs some microseconds.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="byteOffset">Where to begin, in bytes from the tensor's first.</param>
    /// <param name="destination">Filled; it must end inside the tensor.</param>
    /// <exception cref="ModelFormatException">The tensor's type is not supported, or the file has changed since it was opened.</exception>
    /// <exception cref="ArgumentException">The tensor is of another file, or the part does not lie in it.</exception>
    void Read(TensorDescription tensor, long byteOffset, Span<byte> destination);
}
