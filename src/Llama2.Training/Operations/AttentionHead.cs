using Llama2.Memory;
using Llama2.Training.Kernels;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Computes the attention of one sample's tokens for one key and value head, in memory that belongs to one thread.</summary>
internal sealed class AttentionHead : IDisposable
{
    private const int BlockLength = 64;
    private readonly PanelProduct _product;
    private readonly int _headLength;
    private readonly int _paddedLength;
    private readonly int _scoreStride;
    private readonly float _scale;
    // Keys and values, packed as panels. In the fields whose names end in Rows, each vector has the head's elements at one position. In those whose
    // names end in Columns, each vector has one of the head's elements at all positions.
    private readonly PackedHead _keyRows, _keyColumns, _valueRows, _valueColumns;
    // The matrices for a block of queries, packed for products.
    private readonly PackedHead _queryRows, _gradientRows, _queryColumns, _gradientColumns, _scoreRows, _scoreColumns;
    private readonly AlignedBuffer<float> _scores, _scoreGradients, _output, _keyGradient, _valueGradient;

    public AttentionHead(PanelProduct product, int headLength, int tokenCapacity)
    {
        _product = product;
        _headLength = headLength;
        _paddedLength = Pad(headLength);
        _scoreStride = Pad(tokenCapacity);
        _scale = 1 / MathF.Sqrt(headLength);
        const int Panel = PanelProduct.PanelWidth, Tile = PanelProduct.TileWidth;
        (_keyRows, _valueRows) = (new(tokenCapacity, headLength, Panel), new(tokenCapacity, headLength, Panel));
        (_keyColumns, _valueColumns) = (new(headLength, tokenCapacity, Panel), new(headLength, tokenCapacity, Panel));
        (_queryRows, _gradientRows) = (new(BlockLength, headLength, Tile), new(BlockLength, headLength, Tile));
        (_queryColumns, _gradientColumns) = (new(headLength, BlockLength, Panel), new(headLength, BlockLength, Panel));
        _scoreRows = new(BlockLength, tokenCapacity, Tile);
        _scoreColumns = new(tokenCapacity, BlockLength, Tile);
        (_scores, _scoreGradients) = (new(BlockLength * (long)_scoreStride), new(BlockLength * (long)_scoreStride));
        _output = new(BlockLength * (long)_paddedLength);
        (_keyGradient, _valueGradient) = (new((long)tokenCapacity * _paddedLength), new((long)tokenCapacity * _paddedLength));
    }

    /// <summary>The approximate memory of one thread in bytes.</summary>
    public static long ByteSizeFor(int headLength, int tokenCapacity)
        => sizeof(float) * (6L * tokenCapacity * Pad(headLength) + 4L * BlockLength * Pad(tokenCapacity) + 8L * BlockLength * Pad(headLength));

    public void Forward(in AttentionMatrices matrices, Segment segment, int head, int groupSize)
    {
        int column = head * _headLength;
        _keyRows.SetRows(ref matrices.Key.At(segment.Start, column), matrices.Key.Stride, segment.Count, _headLength);
        _valueColumns.SetColumns(ref matrices.Value.At(segment.Start, column), matrices.Value.Stride, _headLength, segment.Count);
        for (int queryHead = head * groupSize; queryHead < (head + 1) * groupSize; queryHead++)
        {
            for (int first = 0; first < segment.Count; first += BlockLength)
            {
                int count = Math.Min(BlockLength, segment.Count - first), visible = first + count;
                ComputeScores(matrices.Query, segment.Start + first, count, queryHead, visible);
                for (int row = 0; row < count; row++)
                {
                    Span<float> scores = Scores(row, visible);
                    matrices.LogSums[segment.Start + first + row][queryHead] = AttentionSoftmax.Normalize(scores, first + row + 1, _scale);
                }

                _scoreRows.SetRows(ref _scores.Reference, _scoreStride, count, visible);
                PackedHead.Multiply(_product, _scoreRows, _valueColumns, _headLength, ref _output.Reference, _paddedLength, accumulate: false);
                CopyOutput(matrices.Attended, segment.Start + first, count, queryHead);
            }
        }
    }

    public void Backward(in AttentionMatrices matrices, in AttentionMatrices gradients, Segment segment, int head, int groupSize)
    {
        int column = head * _headLength;
        ref float key = ref matrices.Key.At(segment.Start, column), value = ref matrices.Value.At(segment.Start, column);
        _keyRows.SetRows(ref key, matrices.Key.Stride, segment.Count, _headLength);
        _keyColumns.SetColumns(ref key, matrices.Key.Stride, _headLength, segment.Count);
        _valueRows.SetRows(ref value, matrices.Value.Stride, segment.Count, _headLength);
        _keyGradient.Slice(0, segment.Count * _paddedLength).Clear();
        _valueGradient.Slice(0, segment.Count * _paddedLength).Clear();
        for (int queryHead = head * groupSize; queryHead < (head + 1) * groupSize; queryHead++)
        {
            for (int first = 0; first < segment.Count; first += BlockLength)
            {
                BackwardBlock(matrices, gradients, segment.Start, first, Math.Min(BlockLength, segment.Count - first), queryHead);
            }
        }

        for (int token = 0; token < segment.Count; token++)
        {
            _keyGradient.Slice((long)token * _paddedLength, _headLength).CopyTo(gradients.Key[segment.Start + token][column..]);
            _valueGradient.Slice((long)token * _paddedLength, _headLength).CopyTo(gradients.Value[segment.Start + token][column..]);
        }
    }

    public void Dispose()
    {
        foreach (PackedHead packed in (PackedHead[])
            [_keyRows, _keyColumns, _valueRows, _valueColumns, _queryRows, _gradientRows, _queryColumns, _gradientColumns, _scoreRows, _scoreColumns])
        {
            packed.Dispose();
        }

        foreach (AlignedBuffer<float> buffer in (AlignedBuffer<float>[])[_scores, _scoreGradients, _output, _keyGradient, _valueGradient])
        {
            buffer.Dispose();
        }
    }

    // P is the matrix of the weights, O the output and dX the gradient of X: dV = Pᵀ·dO; dP = dO·Vᵀ; dS = P ∘ (dP − rowsum(dO ∘ O)); dQ = scale ·
    // dS·K; dK = scale · dSᵀ·Q.
    private void BackwardBlock(in AttentionMatrices matrices, in AttentionMatrices gradients, int start, int first, int count, int queryHead)
    {
        int visible = first + count, token = start + first, column = queryHead * _headLength;
        ref float gradient = ref gradients.Attended.At(token, column);
        ComputeScores(matrices.Query, token, count, queryHead, visible);
        _gradientRows.SetRows(ref gradient, gradients.Attended.Stride, count, _headLength);
        PackedHead.Multiply(_product, _gradientRows, _valueRows, visible, ref _scoreGradients.Reference, _scoreStride, accumulate: false);
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> output = matrices.Attended[token + row].Slice(column, _headLength), outputGradient = gradients.Attended[token + row].Slice(column, _headLength);
            AttentionSoftmax.Backward(
                Scores(row, visible), _scoreGradients.Slice((long)row * _scoreStride, visible), first + row + 1, _scale, matrices.LogSums[token + row][queryHead],
                LaneSums.Dot(output, outputGradient));
        }

        _gradientColumns.SetColumns(ref gradient, gradients.Attended.Stride, _headLength, count);
        _scoreColumns.SetColumns(ref _scores.Reference, _scoreStride, visible, count);
        PackedHead.Multiply(_product, _scoreColumns, _gradientColumns, _headLength, ref _valueGradient.Reference, _paddedLength, accumulate: true);
        _queryColumns.SetColumns(ref matrices.Query.At(token, column), matrices.Query.Stride, _headLength, count);
        _scoreColumns.SetColumns(ref _scoreGradients.Reference, _scoreStride, visible, count);
        PackedHead.Multiply(_product, _scoreColumns, _queryColumns, _headLength, ref _keyGradient.Reference, _paddedLength, accumulate: true);
        _scoreRows.SetRows(ref _scoreGradients.Reference, _scoreStride, count, visible);
        PackedHead.Multiply(_product, _scoreRows, _keyColumns, _headLength, ref _output.Reference, _paddedLength, accumulate: false);
        CopyOutput(gradients.Query, token, count, queryHead);
    }

    private void ComputeScores(Matrix query, int token, int count, int queryHead, int visible)
    {
        _queryRows.SetRows(ref query.At(token, queryHead * _headLength), query.Stride, count, _headLength);
        PackedHead.Multiply(_product, _queryRows, _keyRows, visible, ref _scores.Reference, _scoreStride, accumulate: false);
    }

    private void CopyOutput(Matrix destination, int token, int count, int queryHead)
    {
        for (int row = 0; row < count; row++)
        {
            _output.Slice((long)row * _paddedLength, _headLength).CopyTo(destination[token + row][(queryHead * _headLength)..]);
        }
    }

    private Span<float> Scores(int row, int visible) => _scores.Slice((long)row * _scoreStride, visible);

    private static int Pad(int length) => (length + PanelProduct.PanelWidth - 1) / PanelProduct.PanelWidth * PanelProduct.PanelWidth;
}
