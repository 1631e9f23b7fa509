using System.Numerics.Tensors;
using Llama2.Formats;
using Llama2.Quantization;

namespace Llama2.Adapters;

/// <summary>A tensor of a model with the changes of adapters added; the changes are computed row by row when the tensor is read.</summary>
/// <param name="file">The file of the model.</param>
/// <param name="tensor">The tensor of the model.</param>
internal sealed class MergedTensor(IModelFile file, TensorDescription tensor)
{
    private readonly List<(float[] Factors, float[] Vectors, int Rank, float Scale)> _changes = [];

    /// <summary>The description of the tensor as it is read, in F32.</summary>
    public TensorDescription Description { get; } = new(tensor.Name, GgmlType.F32, [.. tensor.Dimensions], tensor.Offset, tensor.EntryOffset);

    /// <summary>The type of the tensor in the model.</summary>
    public GgmlType StoredType => tensor.Type;

    /// <summary>Adds the change of a pair.</summary>
    /// <exception cref="ModelFormatException">The pair does not fit the tensor, or has numbers that are not finite.</exception>
    public void Add(AdapterPair pair, float scale, int headLength, bool isEmbedding)
    {
        pair.CheckShape(tensor.RowCount, tensor.RowLength, isEmbedding);
        float[] a = pair.A.ReadNumbers(), b = pair.B.ReadNumbers();
        _changes.Add(isEmbedding
            ? (pair.IsTransposed ? Transpose(a, (int)tensor.RowCount) : a, Transpose(b, pair.Rank), pair.Rank, scale * pair.Scale)
            : (pair.OrderRows(b, headLength), a, pair.Rank, scale * pair.Scale));
    }

    /// <summary>The directions of the inputs to which the changes respond.</summary>
    public AdapterDirections Directions() => AdapterDirections.Of(
        _changes.SelectMany(change => Enumerable.Range(0, change.Rank).Select(i => (ReadOnlyMemory<float>)change.Vectors.AsMemory(i * (int)tensor.RowLength, (int)tensor.RowLength))),
        (int)tensor.RowLength);

    /// <summary>Computes the change of a row.</summary>
    public void ReadChange(long row, Span<float> change)
    {
        change.Clear();
        AddChanges(row, change);
    }

    /// <summary>Reads a part of the tensor's bytes, like <see cref="IModelFile.Read"/>.</summary>
    public void Read(long byteOffset, Span<byte> destination)
    {
        float[] weights = new float[tensor.RowLength];
        byte[] stored = new byte[tensor.RowByteSize], bytes = new byte[Description.RowByteSize];
        while (destination.Length > 0)
        {
            (long row, long skipped) = Math.DivRem(byteOffset, Description.RowByteSize);
            file.Read(tensor, row * tensor.RowByteSize, stored);
            WeightFormats.Dequantize(tensor.Type, stored, weights);
            AddChanges(row, weights);
            Buffer.BlockCopy(weights, 0, bytes, 0, bytes.Length);
            int count = (int)Math.Min(bytes.Length - skipped, destination.Length);
            bytes.AsSpan((int)skipped, count).CopyTo(destination);
            destination = destination[count..];
            byteOffset += count;
        }
    }

    private void AddChanges(long row, Span<float> weights)
    {
        foreach ((float[] factors, float[] vectors, int rank, float scale) in _changes)
        {
            for (int i = 0; i < rank; i++)
            {
                TensorPrimitives.FusedMultiplyAdd(vectors.AsSpan(i * weights.Length, weights.Length), scale * factors[row * rank + i], weights, weights);
            }
        }
    }

    private static float[] Transpose(float[] rows, int rowLength)
    {
        float[] columns = new float[rows.Length];
        int rowCount = rows.Length / rowLength;
        for (int i = 0; i < rows.Length; i++)
        {
            columns[i % rowLength * rowCount + i / rowLength] = rows[i];
        }

        return columns;
    }
}
