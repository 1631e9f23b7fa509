namespace Llama2.Formats;

/// <summary>A tensor whose bytes are contiguous in a file, in the order in which they are read.</summary>
internal sealed class StoredTensor(IByteSource source, TensorDescription description) : ITensorSource
{
    public TensorDescription Description => description;

    public void Read(long byteOffset, Span<byte> destination) => source.Read(description.Offset + byteOffset, destination);
}
