using System.Numerics.Tensors;
using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Training.Quantization;

/// <summary>
/// A frozen matrix in NF4 with double quantization (QLoRA, Dettmers et al. 2023, arXiv 2305.14314, §3), in panels of 16 rows. Each block of 64
/// weights of a row has a scale. The scales are quantized too, in groups of 256: a group has the scales of 16 blocks of each of the 16 rows. Products
/// decode this matrix in the same way as other frozen matrices.
/// </summary>
internal sealed class NormalFloatMatrix : WeightMatrix
{
    private const int BlockLength = NormalFloat4.BlockLength;
    private const int BlocksPerGroup = QuantizedScales.GroupLength / PanelRowCount;
    private const int ColumnByteSize = PanelRowCount / 2;
    private readonly int _blockCount;
    private readonly int _groupCount;

    // The layouts of the three buffers: [panel][column][8 bytes], [panel][block][16 rows] and [panel][group][step, mean].
    private readonly AlignedBuffer<byte> _codes;
    private readonly AlignedBuffer<sbyte> _scales;
    private readonly AlignedBuffer<ushort> _groups;

    /// <param name="source">The weights in any format; all must be finite. The source is not disposed.</param>
    /// <param name="pool">The threads that quantize.</param>
    public NormalFloatMatrix(WeightMatrix source, WorkerPool pool)
        : base(source.Type, source.RowCount, source.ColumnCount)
    {
        _blockCount = Blocks(ColumnCount);
        _groupCount = Groups(ColumnCount);
        _codes = new((long)PanelCount * ColumnCount * ColumnByteSize);
        _scales = new((long)PanelCount * _blockCount * PanelRowCount);
        _groups = new((long)PanelCount * _groupCount * 2);
        pool.Run(new QuantizePanels(this, source), PanelCount);
    }

    public override long ByteSize => _codes.ByteSize + _scales.ByteSize + _groups.ByteSize;

    /// <summary>False, because products decode the weights and use float32 activations.</summary>
    public override bool IsQuantized => false;

    /// <summary>The size of a matrix of this shape in bytes.</summary>
    public static long ByteSizeFor(long rowCount, long columnCount)
        => (rowCount + PanelRowCount - 1) / PanelRowCount
            * (columnCount * ColumnByteSize + Blocks(columnCount) * PanelRowCount + Groups(columnCount) * 2L * sizeof(ushort));

    public override bool TryFill(int panel, ReadOnlySpan<byte> rows) => throw new NotSupportedException("A matrix in NF4 is created from a matrix in another format, not from the bytes of a file.");

    public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
        => throw new NotSupportedException("A matrix in NF4 can only be decoded, for the products of training; it cannot be multiplied directly.");

    public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(startColumn % BlockLength, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startColumn + columnCount, ColumnCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Length, columnCount * PanelRowCount);
        Span<float> scales = stackalloc float[PanelRowCount];
        for (int column = 0; column < columnCount; column += BlockLength)
        {
            int count = Math.Min(BlockLength, columnCount - column);
            DequantizeScales(panel, (startColumn + column) / BlockLength, scales);
            NormalFloatDecoder.Decode(Codes(panel, startColumn + column, count), scales, weights.Slice(column * PanelRowCount, count * PanelRowCount));
        }
    }

    public override void Dispose()
    {
        _codes.Dispose();
        _scales.Dispose();
        _groups.Dispose();
    }

    private static int Blocks(long columnCount) => checked((int)((columnCount + BlockLength - 1) / BlockLength));

    private static int Groups(long columnCount) => (Blocks(columnCount) + BlocksPerGroup - 1) / BlocksPerGroup;

    private Span<byte> Codes(int panel, int startColumn, int columnCount)
        => _codes.Slice(((long)panel * ColumnCount + startColumn) * ColumnByteSize, columnCount * ColumnByteSize);

    private Span<sbyte> Scales(int panel, int startBlock, int blockCount)
        => _scales.Slice(((long)panel * _blockCount + startBlock) * PanelRowCount, blockCount * PanelRowCount);

    private Span<ushort> Group(int panel, int group) => _groups.Slice(((long)panel * _groupCount + group) * 2, 2);

    private void DequantizeScales(int panel, int block, Span<float> scales)
    {
        Span<ushort> group = Group(panel, block / BlocksPerGroup);
        float step = QuantizedScales.FromBits(group[0]), mean = QuantizedScales.FromBits(group[1]);
        Span<sbyte> codes = Scales(panel, block, 1);
        for (int row = 0; row < PanelRowCount; row++)
        {
            scales[row] = QuantizedScales.Dequantize(codes[row], step, mean);
        }
    }

    private readonly record struct QuantizePanels(NormalFloatMatrix Matrix, WeightMatrix Source) : IParallelWork
    {
        // The number of columns that are decoded at a time: the length of the largest block of any weight format, and a multiple of a block of NF4.
        private const int DecodedLength = 256;

        public void Run(int start, int end, int worker)
        {
            Span<float> weights = stackalloc float[DecodedLength * PanelRowCount];
            float[] scales = new float[Matrix._blockCount * PanelRowCount];
            for (int panel = start; panel < end; panel++)
            {
                for (int first = 0; first < Matrix.ColumnCount; first += DecodedLength)
                {
                    int decodedCount = Math.Min(DecodedLength, Matrix.ColumnCount - first);
                    Source.Decode(panel, first, decodedCount, weights);
                    for (int column = 0; column < decodedCount; column += BlockLength)
                    {
                        int count = Math.Min(BlockLength, decodedCount - column);
                        QuantizeBlock(
                            weights.Slice(column * PanelRowCount, count * PanelRowCount), scales.AsSpan((first + column) / BlockLength * PanelRowCount, PanelRowCount),
                            Matrix.Codes(panel, first + column, count));
                    }
                }

                QuantizeScales(panel, scales);
            }
        }

        private static void QuantizeBlock(ReadOnlySpan<float> weights, Span<float> scales, Span<byte> codes)
        {
            scales.Clear();
            for (int i = 0; i < weights.Length; i += PanelRowCount)
            {
                TensorPrimitives.MaxMagnitude(scales, weights.Slice(i, PanelRowCount), scales);
            }

            TensorPrimitives.Abs(scales, scales);
            for (int i = 0; i < codes.Length; i++)
            {
                int low = i / ColumnByteSize * PanelRowCount + i % ColumnByteSize, high = low + ColumnByteSize;
                codes[i] = (byte)(Index(weights[low], scales[low % PanelRowCount]) | Index(weights[high], scales[high % PanelRowCount]) << 4);
            }
        }

        private static int Index(float weight, float scale) => scale == 0 ? NormalFloat4.ZeroIndex : NormalFloat4.IndexOf(weight / scale);

        // The rows that are missing in the last panel do not contribute to a mean.
        private void QuantizeScales(int panel, ReadOnlySpan<float> scales)
        {
            int rowCount = Math.Min(PanelRowCount, Matrix.RowCount - panel * PanelRowCount);
            Span<float> present = stackalloc float[QuantizedScales.GroupLength];
            Span<sbyte> codes = stackalloc sbyte[QuantizedScales.GroupLength];
            for (int group = 0; group < Matrix._groupCount; group++)
            {
                int firstBlock = group * BlocksPerGroup, blockCount = Math.Min(BlocksPerGroup, Matrix._blockCount - firstBlock);
                for (int block = 0; block < blockCount; block++)
                {
                    scales.Slice((firstBlock + block) * PanelRowCount, rowCount).CopyTo(present[(block * rowCount)..]);
                }

                (ushort step, ushort mean) = QuantizedScales.Quantize(present[..(blockCount * rowCount)], codes);
                ((ReadOnlySpan<ushort>)[step, mean]).CopyTo(Matrix.Group(panel, group));
                Span<sbyte> destination = Matrix.Scales(panel, firstBlock, blockCount);
                for (int block = 0; block < blockCount; block++)
                {
                    codes.Slice(block * rowCount, rowCount).CopyTo(destination[(block * PanelRowCount)..]);
                }
            }
        }
    }
}
