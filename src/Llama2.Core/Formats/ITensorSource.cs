namespace Llama2.Formats;

/// <summary>One tensor in GGUF's terms, wherever its bytes are stored, and in whatever order. Thread-safe.</summary>
internal interface ITensorSource
{
    /// <summary>The description of the tensor in the form in which it is read.</summary>
    TensorDescription Description { get; }

    /// <summary>Reads a part of the tensor's bytes; the caller must have checked that it is within the tensor.</summary>
    /// <exception cref="ModelFormatException">The file has changed since it was opened.</exception>
    void Read(long byteOffset, Span<byte> destination);
}
