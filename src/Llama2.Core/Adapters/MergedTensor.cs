using System.Numerics.Tensors;
using Llama2.Formats;
using Llama2.Quantization;

namespace Llama2.Adapters;

/// <summary>A tensor of a model with the changes of adapters added; the changes are computed row by row when the tensor is read. Thread-safe once all changes were added.</summary>
/// <param name="file">The file of the model.</param>
/// <param name="tensor">The tensor of the model.</param>
/// <param name="name">The name of the merged tensor. It differs from the stored name only for an output matrix that shares the embeddings until an adapter
/// replaces it.</param>
/// <param name="headLength">The width of a head of the model.</param>
internal sealed class MergedTensor(IModelFile file, TensorDescription tensor, string name, int headLength)
{
    private readonly List<(float[] Factors, float[] Vectors, int Rank, float Scale, float[]? Magnitudes)> _changes = [];
    private readonly List<(Replacement Weights, float Scale)> _replacements = [];

    /// <summary>The description of the tensor as it is read, in F32.</summary>
    public TensorDescription Description { get; } = new(name, GgmlType.F32, [.. tensor.Dimensions], tensor.Offset, tensor.EntryOffset);

    /// <summary>The type of the tensor in the model.</summary>
    public GgmlType StoredType => tensor.Type;

    /// <summary>Adds the change of a pair.</summary>
    /// <exception cref="ModelFormatException">The pair does not fit the tensor, or has numbers that are not finite.</exception>
    public void Add(AdapterPair pair, float scale, bool isEmbedding)
    {
        pair.CheckShape(tensor.RowCount, tensor.RowLength, isEmbedding);
        float[] a = pair.A.ReadNumbers(), b = pair.B.ReadNumbers();
        _changes.Add(isEmbedding
            ? (pair.IsTransposed ? Transpose(a, (int)tensor.RowCount) : a, Transpose(b, pair.Rank), pair.Rank, scale * pair.Scale, null)
            : (pair.OrderRows(b, headLength), a, pair.Rank, scale * pair.Scale, pair.Magnitudes is { } magnitudes ? pair.OrderRows(magnitudes.ReadNumbers(), headLength) : null));
    }

    /// <summary>
    /// Adds the difference between weights, whose shape must have been checked, and the model's own weights. With the scale 1, and without other
    /// changes, the weights replace the model's.
    /// </summary>
    public void Add(Replacement weights, float scale) => _replacements.Add((weights, scale));

    /// <summary>The directions of the inputs to which the changes of low rank respond.</summary>
    public AdapterDirections Directions() => AdapterDirections.Of(
        _changes.SelectMany(change => Enumerable.Range(0, change.Rank).Select(i => (ReadOnlyMemory<float>)change.Vectors.AsMemory(i * (int)tensor.RowLength, (int)tensor.RowLength))),
        (int)tensor.RowLength);

    /// <summary>Computes the change of a row.</summary>
    public void ReadChange(long row, Span<float> change)
    {
        change.Clear();
        float[] own = [];
        if (_replacements.Count > 0 || _changes.Exists(pair => pair.Magnitudes is not null))
        {
            own = new float[tensor.RowLength];
            ReadOwn(row, new byte[tensor.RowByteSize], own);
            foreach ((Replacement weights, float scale) in _replacements)
            {
                AddDifference(row, weights, scale, own, change);
            }
        }

        AddChanges(row, own, change);
    }

    /// <summary>Reads a part of the tensor's bytes, like <see cref="IModelFile.Read"/>.</summary>
    public void Read(long byteOffset, Span<byte> destination)
    {
        float[] own = new float[tensor.RowLength], weights = new float[tensor.RowLength];
        byte[] stored = new byte[tensor.RowByteSize], bytes = new byte[Description.RowByteSize];
        while (destination.Length > 0)
        {
            (long row, long skipped) = Math.DivRem(byteOffset, Description.RowByteSize);
            ReadOwn(row, stored, own);
            own.CopyTo(weights, 0);
            Replace(row, weights);
            AddChanges(row, own, weights);
            Buffer.BlockCopy(weights, 0, bytes, 0, bytes.Length);
            int count = (int)Math.Min(bytes.Length - skipped, destination.Length);
            bytes.AsSpan((int)skipped, count).CopyTo(destination);
            destination = destination[count..];
            byteOffset += count;
        }
    }

    private void ReadOwn(long row, byte[] stored, float[] weights)
    {
        file.Read(tensor, row * tensor.RowByteSize, stored);
        WeightFormats.Dequantize(tensor.Type, stored, weights);
    }

    // The row of a single replacement with the scale 1 is copied, and not added as a difference, so that the merged weights are exactly those of the adapter.
    private void Replace(long row, float[] weights)
    {
        List<(Replacement Weights, float Scale)> replacing = _replacements.FindAll(replacement => replacement.Weights.Has(row));
        if (replacing.Count == 0)
        {
            return;
        }

        float[] own = [.. weights];
        if (replacing is [(Replacement only, 1)])
        {
            float[] difference = new float[own.Length];
            if (only.ReadDifference(row, headLength, own, tensor.Type, difference))
            {
                only.ReadRow(row, headLength, weights);
            }

            return;
        }

        foreach ((Replacement replacement, float scale) in replacing)
        {
            AddDifference(row, replacement, scale, own, weights);
        }
    }

    private void AddDifference(long row, Replacement weights, float scale, float[] own, Span<float> sum)
    {
        float[] difference = new float[own.Length];
        if (weights.ReadDifference(row, headLength, own, tensor.Type, difference))
        {
            TensorPrimitives.FusedMultiplyAdd(difference, scale, sum, sum);
        }
    }

    private void AddChanges(long row, ReadOnlySpan<float> own, Span<float> weights)
    {
        foreach ((float[] factors, float[] vectors, int rank, float scale, float[]? magnitudes) in _changes)
        {
            float[]? adapted = magnitudes is null ? null : own.ToArray();
            Span<float> sum = adapted ?? weights;
            for (int i = 0; i < rank; i++)
            {
                TensorPrimitives.FusedMultiplyAdd(vectors.AsSpan(i * sum.Length, sum.Length), scale * factors[row * rank + i], sum, sum);
            }

            if (adapted is not null)
            {
                AddDecomposed(magnitudes![row], adapted, own, weights);
            }
        }
    }

    // DoRA (Liu et al. 2024, arXiv 2402.09353): the change is the difference between the model's row and the adapted row, whose length is the magnitude.
    private static void AddDecomposed(float magnitude, ReadOnlySpan<float> adapted, ReadOnlySpan<float> own, Span<float> weights)
    {
        double square = 0;
        foreach (float weight in adapted)
        {
            square += (double)weight * weight;
        }

        TensorPrimitives.Subtract(weights, own, weights);
        TensorPrimitives.FusedMultiplyAdd(adapted, square > 0 ? (float)(magnitude / Math.Sqrt(square)) : 0, weights, weights);
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
