namespace Llama2.Formats;

/// <summary>A tensor of a model that is split into several files, read from the file that contains it.</summary>
internal sealed class PartTensor(IModelFile file, TensorDescription description) : ITensorSource
{
    public TensorDescription Description => description;

    public void Read(long byteOffset, Span<byte> destination) => file.Read(description, byteOffset, destination);
}
