using System.Diagnostics.CodeAnalysis;

namespace Llama2.Formats;

/// <summary>An open model file: metadata and named tensors, all checked when it was opened. Thread-safe.</summary>
internal interface IModelFile : IDisposable
{
    /// <summary>The path of the file, as the caller gave it.</summary>
    string Path { get; }

    /// <summary>The format and its version, such as <c>GGUF v3</c>.</summary>
    string FormatName { get; }

    /// <summary>The size of the file in bytes.</summary>
    long ByteSize { get; }

    /// <summary>When any of the files with the weights was last written to; null if that is not known.</summary>
    DateTime? LastWriteTimeUtc => null;

    /// <summary>
    /// The metadata by key. A value is a number (<see cref="byte"/> to <see cref="ulong"/>, <see cref="float"/>, <see cref="double"/>), a
    /// <see cref="bool"/>, a <see cref="string"/>, or an array of one of these types. Arrays must not be modified. <see cref="MetadataReader"/> reads
    /// values with checks.
    /// </summary>
    IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>The tensors in the order of the file's table, including those of types that this library does not support.</summary>
    IReadOnlyList<TensorDescription> Tensors { get; }

    /// <summary>One sentence for each setting that this library found in the files and ignored; usually empty.</summary>
    IReadOnlyList<string> Warnings => [];

    /// <summary>Finds a tensor by its name.</summary>
    bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor);

    /// <summary>File offset of the value of a metadata key, for error messages; null if the file has no such key.</summary>
    long? MetadataOffset(string key);

    /// <summary>Reads a part of a tensor's bytes. Callers should read many rows at once, because each call takes several microseconds.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="byteOffset">The offset of the first byte to read, relative to the start of the tensor.</param>
    /// <param name="destination">Receives the bytes; the range must be within the tensor.</param>
    /// <exception cref="ModelFormatException">The tensor's type is not supported, or the file has changed since it was opened.</exception>
    /// <exception cref="ArgumentException">The tensor is from another file, or the part is not within the tensor.</exception>
    void Read(TensorDescription tensor, long byteOffset, Span<byte> destination);
}
