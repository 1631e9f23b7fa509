namespace Llama2.Formats;

/// <summary>One tensor in GGUF's terms, wherever its bytes lie and in whatever order. Thread-safe.</summary>
internal interface ITensorSource
{
    /// <summary>What the tensor is once it is read.</summary>
    TensorDescription Description { get; }

    /// <summary>Reads a part of the tensor's bytes; the caller has checked that it lies in the tensor.</summary>
    /// <exception cref="ModelFormatException">The file has changed since it was opened.</exception>
    void Read(long byteOffset, Span<byte> destination);
}
