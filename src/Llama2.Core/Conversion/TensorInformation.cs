using Llama2.Quantization;

namespace Llama2;

/// <summary>One tensor of a model file. Immutable.</summary>
/// <param name="Name">The name in the file, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How the numbers are stored.</param>
/// <param name="Dimensions">One to four lengths, each 1 or more. The row length comes first: the numbers of a row are neighbours in the file.</param>
/// <param name="ByteSize">The size in the file in bytes, without padding.</param>
public sealed record TensorInformation(string Name, GgmlType Type, IReadOnlyList<long> Dimensions, long ByteSize)
{
    /// <summary>The number of elements in the tensor: the product of its dimensions.</summary>
    public long ElementCount
    {
        get
        {
            long product = 1;
            for (int i = 0; i < Dimensions.Count; i++)
                product = checked(product * Dimensions[i]);
            return product;
        }
    }

    /// <summary>Whether this library supports tensors of the type.</summary>
    public bool IsSupported => WeightFormats.IsSupported(Type);
}
