using System.Numerics.Tensors;
using Llama2.Formats;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>Reads a tensor of a model part by part, unchanged or converted to another type, so that it can be written to another file.</summary>
internal sealed class TensorReader(IModelFile file)
{
    // The maximum number of weights in a part. A part may begin and end within a row, at the boundary of a block.
    private const int ChunkLength = 1 << 20;

    /// <summary>Passes a tensor's bytes to a writer, in order.</summary>
    /// <param name="tensor">A tensor of the file.</param>
    /// <param name="type">The type of the result: the tensor's own, or one of <see cref="FloatFormats.All"/>.</param>
    /// <param name="rows">
    /// Maps the index of each row in the result to the index of this row in the file; null if the result has the order of the file.
    /// </param>
    /// <param name="write">Receives the bytes. They are valid only during the call.</param>
    /// <param name="cancellationToken">Checked before each part.</param>
    /// <exception cref="ModelFormatException">A weight is infinite or NaN, or too large for the type.</exception>
    public void Read(TensorDescription tensor, GgmlType type, Func<long, long>? rows, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellationToken)
    {
        long partLength = rows is null ? ChunkLength : tensor.RowLength;
        long total = tensor.RowLength * tensor.RowCount;
        int blockLength = GgmlTypes.BlockLength(tensor.Type), blockByteSize = GgmlTypes.BlockByteSize(tensor.Type);
        int maxLength = (int)Math.Min(Math.Min(partLength, ChunkLength), total);
        byte[] stored = new byte[maxLength / blockLength * blockByteSize];
        float[] weights = new float[maxLength];
        byte[] encoded = type == tensor.Type ? [] : new byte[maxLength * GgmlTypes.BlockByteSize(type)];
        for (long start = 0, length; start < total; start += length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A row that is longer than a part is read in several parts. If rows are reordered, no part extends beyond a row.
            length = Math.Min(maxLength, Math.Min(total - start, partLength - (start % partLength)));
            long source = rows is null ? start : (rows(start / tensor.RowLength) * tensor.RowLength) + (start % tensor.RowLength);
            Span<byte> bytes = stored.AsSpan(0, (int)length / blockLength * blockByteSize);
            file.Read(tensor, source / blockLength * blockByteSize, bytes);
            Convert(tensor, type, start, bytes, weights.AsSpan(0, (int)length), encoded);
            write(type == tensor.Type ? stored.AsMemory(0, bytes.Length) : encoded.AsMemory(0, (int)length * GgmlTypes.BlockByteSize(type)));
        }
    }

    private void Convert(TensorDescription tensor, GgmlType type, long start, ReadOnlySpan<byte> stored, Span<float> weights, byte[] encoded)
    {
        WeightFormats.Dequantize(tensor.Type, stored, weights);
        if (!TensorPrimitives.IsFiniteAll<float>(weights))
            throw Fault(tensor, start, "infinite or NaN", "weights must be finite: the file is damaged");
        if (type == tensor.Type)
            return;

        Span<byte> bytes = encoded.AsSpan(0, weights.Length * GgmlTypes.BlockByteSize(type));
        if (!WeightFormats.Of(type).CreateEncoder().TryEncode(weights, importance: [], bytes))
            throw Fault(tensor, start, "too large", $"{type} cannot represent it; convert to BF16 or F32");
    }

    private ModelFormatException Fault(TensorDescription tensor, long start, string value, string limit) =>
        new(file.Path, tensor.EntryOffset, Invariant($"a weight of '{tensor.Name}' from row {start / tensor.RowLength:N0} on"), value, limit);
}
