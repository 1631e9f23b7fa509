using System.Numerics.Tensors;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Quantization.Encoders;
using Llama2.Threading;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// Reads tensors, encodes them in other formats and writes them, one part at a time. Several threads encode the rows of a part while the previous
/// part is written. Each row is encoded independently, so the bytes are the same for any number of threads.
/// </summary>
internal sealed class TensorConverter
{
    // The size is large enough that the threads rarely have to wait for each other, and small enough that a model of any size takes little memory.
    private const int PartByteSize = 16 << 20;
    private const int ReadByteSize = 1 << 20;
    private readonly IModelFile _source;
    private readonly GgufWriter _writer;
    private readonly WorkerPool _pool;
    private readonly IProgress<ByteProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly Scratch[] _scratch;
    private readonly long _totalBytes;
    private long _doneBytes;
    private byte[] _part = [];
    private byte[] _nextPart = [];
    private Task _writing = Task.CompletedTask;

    public TensorConverter(IModelFile source, GgufWriter writer, WorkerPool pool, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        _source = source;
        _writer = writer;
        _pool = pool;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _scratch = [.. Enumerable.Range(0, pool.ThreadCount).Select(_ => new Scratch())];
        _totalBytes = source.Tensors.Sum(tensor => tensor.ByteSize);
    }

    /// <summary>Converts the next tensor of the writer's table.</summary>
    /// <exception cref="ModelFormatException">A weight is infinite, NaN, or too large for the format; or the file has changed.</exception>
    public void Convert(TensorConversion conversion)
    {
        TensorDescription tensor = conversion.Tensor;
        long rowByteSize = GgmlTypes.RowByteSize(conversion.Type, tensor.RowLength);
        int partRowCount = (int)Math.Clamp(PartByteSize / Math.Max(rowByteSize, tensor.RowByteSize), 1, tensor.RowCount);
        try
        {
            for (long row = 0; row < tensor.RowCount; row += partRowCount)
            {
                int rowCount = (int)Math.Min(partRowCount, tensor.RowCount - row), byteCount = checked((int)(rowCount * rowByteSize));
                if (_part.Length < byteCount)
                {
                    _part = GC.AllocateUninitializedArray<byte>(byteCount);
                }

                _pool.Run(new EncodeRows(this, conversion, row, (int)rowByteSize), rowCount, RowsAtOnce(tensor));
                FinishWriting();
                byte[] part = _part;
                _writing = Task.Run(() => _writer.Write(part.AsSpan(0, byteCount)));
                (_part, _nextPart) = (_nextPart, _part);
                _progress?.Report(new ByteProgress(_doneBytes += rowCount * tensor.RowByteSize, _totalBytes));
            }
        }
        finally
        {
            FinishWriting();
        }

        _writer.EndTensor();
    }

    private void FinishWriting() => _writing.GetAwaiter().GetResult();

    private static int RowsAtOnce(TensorDescription tensor) => (int)Math.Max(1, Math.Min(tensor.RowCount, ReadByteSize / tensor.RowByteSize));

    private ModelFormatException Fault(TensorDescription tensor, long row, string value, string limit)
        => new(_source.Path, tensor.EntryOffset, Invariant($"a weight of '{tensor.Name}' in row {row:N0}"), value, limit);

    /// <summary>The buffers of a thread.</summary>
    private sealed class Scratch
    {
        private readonly Dictionary<GgmlType, RowEncoder> _encoders = [];

        public byte[] Bytes { get; private set; } = [];

        public float[] Weights { get; private set; } = [];

        public RowEncoder Encoder(GgmlType type)
        {
            if (!_encoders.TryGetValue(type, out RowEncoder? encoder))
            {
                _encoders.Add(type, encoder = WeightFormats.Of(type).CreateEncoder());
            }

            return encoder;
        }

        public void Reserve(int byteCount, int weightCount)
        {
            Bytes = Bytes.Length < byteCount ? GC.AllocateUninitializedArray<byte>(byteCount) : Bytes;
            Weights = Weights.Length < weightCount ? GC.AllocateUninitializedArray<float>(weightCount) : Weights;
        }
    }

    private readonly record struct EncodeRows(TensorConverter Converter, TensorConversion Conversion, long FirstRow, int RowByteSize) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            TensorDescription tensor = Conversion.Tensor;
            Scratch scratch = Converter._scratch[worker];
            int rowsAtOnce = RowsAtOnce(tensor), sourceRowByteSize = checked((int)tensor.RowByteSize);
            scratch.Reserve(checked(rowsAtOnce * sourceRowByteSize), checked((int)tensor.RowLength));
            for (int row = start; row < end; row += rowsAtOnce)
            {
                Converter._cancellationToken.ThrowIfCancellationRequested();
                int count = Math.Min(rowsAtOnce, end - row);
                Span<byte> bytes = scratch.Bytes.AsSpan(0, count * sourceRowByteSize);
                Converter._source.Read(tensor, (FirstRow + row) * sourceRowByteSize, bytes);
                for (int i = 0; i < count; i++)
                {
                    Encode(scratch, bytes.Slice(i * sourceRowByteSize, sourceRowByteSize), row + i);
                }
            }
        }

        private void Encode(Scratch scratch, ReadOnlySpan<byte> source, int row)
        {
            TensorDescription tensor = Conversion.Tensor;
            Span<float> weights = scratch.Weights.AsSpan(0, (int)tensor.RowLength);
            WeightFormats.Dequantize(tensor.Type, source, weights);
            if (!TensorPrimitives.IsFiniteAll<float>(weights))
            {
                throw Converter.Fault(tensor, FirstRow + row, "infinite or NaN", "weights must be finite: the file is damaged, its training went wrong, or an adapter's scale is too large");
            }

            Span<byte> target = Converter._part.AsSpan(row * RowByteSize, RowByteSize);
            if (tensor.Type == Conversion.Type)
            {
                source.CopyTo(target);
            }
            else if (!scratch.Encoder(Conversion.Type).TryEncode(weights, Conversion.Importance, target))
            {
                throw Converter.Fault(tensor, FirstRow + row, "too large", $"the scales of {Conversion.Type} cannot represent it; use BF16, Q8_0 or a format of more bits");
            }

            Conversion.Rounding?.Round(FirstRow + row, weights, target);
        }
    }
}
