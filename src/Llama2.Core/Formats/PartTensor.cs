namespace Llama2.Formats;

/// <summary>A tensor of a model file that is one part of a split model.</summary>
internal sealed class PartTensor(IModelFile file, TensorDescription description) : ITensorSource
{
    public TensorDescription Description => description;

    public void Read(long byteOffset, Span<byte> destination) => file.Read(description, byteOffset, destination);
}
