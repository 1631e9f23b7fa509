namespace Llama2.Formats;

/// <summary>
/// One tensor, described as GGUF describes tensors (name, type, order of dimensions). Its bytes may be stored anywhere and in any order. Thread-safe.
/// </summary>
internal interface ITensorSource
{
    /// <summary>The description of the tensor as <see cref="Read"/> returns it.</summary>
    TensorDescription Description { get; }

    /// <summary>Reads a part of the tensor's bytes; the caller must have checked that the part is within the tensor.</summary>
    /// <exception cref="ModelFormatException">The file has changed since it was opened.</exception>
    void Read(long byteOffset, Span<byte> destination);
}
