using System.Numerics.Tensors;

namespace Llama2.Quantization.Encoders;

/// <summary>Encodes a row in batches of as many blocks as fit in <see cref="GroupLanes"/>, and packs the blocks.</summary>
internal sealed class BlockRowEncoder<TFormat, TEncoding> : RowEncoder
    where TFormat : struct, IBlockFormat
    where TEncoding : struct, IEncoding
{
    // The product of the largest half-precision number, the largest group scale and the largest code. No format can store larger weights. With a
    // weight of 1e12 or more, the sums of cubes in the searches would overflow.
    private const float LargestMagnitude = 65_504f * 128 * 128;

    private readonly GroupLanes _groups = new();
    private readonly byte[] _codes = new byte[BlockParts.MaxBlockLength];
    private readonly sbyte[] _groupScales = new sbyte[BlockParts.MaxGroupCount];
    private readonly byte[] _groupOffsets = new byte[BlockParts.MaxGroupCount];

    private static int BatchLength => GroupLanes.Capacity * TFormat.GroupLength;

    public override bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        if (MathF.Abs(TensorPrimitives.MaxMagnitude(row)) > LargestMagnitude)
        {
            return false;
        }

        _groups.HasColumnImportance = !importance.IsEmpty;
        // Some formats compare weights with the mean square of the whole row. The sum has up to a million squares, which are always added in the same
        // order, so that the result is always the same.
        float rowMeanSquare = importance.IsEmpty || !TEncoding.ComparesWithRow ? 0 : MeanSquare(row);
        bool isFinite = true;
        for (int start = 0; start < row.Length; start += BatchLength)
        {
            ReadOnlySpan<float> batch = row.Slice(start, Math.Min(BatchLength, row.Length - start));
            _groups.Load(batch, TFormat.GroupLength);
            if (!importance.IsEmpty)
            {
                _groups.LoadImportance(importance.Slice(start, batch.Length));
                SetVariances(batch, rowMeanSquare);
            }

            TEncoding.Search(_groups);
            isFinite &= EncodeBlocks(batch, blocks.Slice(start / TFormat.BlockLength * TFormat.BlockByteSize));
        }

        return isFinite;
    }

    private void SetVariances(ReadOnlySpan<float> batch, float rowMeanSquare)
    {
        int groupsPerBlock = TFormat.BlockLength / TFormat.GroupLength;
        for (int group = 0; group < _groups.GroupCount; group += groupsPerBlock)
        {
            float variance = TEncoding.ComparesWithRow
                ? rowMeanSquare
                : TEncoding.VarianceFactor * MeanSquare(batch.Slice(group * TFormat.GroupLength, TFormat.BlockLength));
            _groups.Variances.AsSpan(group, groupsPerBlock).Fill(variance);
        }
    }

    private bool EncodeBlocks(ReadOnlySpan<float> batch, Span<byte> blocks)
    {
        int groupsPerBlock = TFormat.BlockLength / TFormat.GroupLength, blockCount = batch.Length / TFormat.BlockLength;
        var parts = new BlockParts { Codes = _codes, GroupScales = _groupScales, GroupOffsets = _groupOffsets };
        bool isFinite = true;
        for (int block = 0; block < blockCount; block++)
        {
            TEncoding.Encode(_groups, block * groupsPerBlock, batch.Slice(block * TFormat.BlockLength, TFormat.BlockLength), ref parts);
            TFormat.Pack(in parts, blocks.Slice(block * TFormat.BlockByteSize, TFormat.BlockByteSize));
            isFinite &= parts.IsFinite;
        }

        return isFinite;
    }

    private static float MeanSquare(ReadOnlySpan<float> weights)
    {
        float sum = 0;
        foreach (float weight in weights)
        {
            sum += weight * weight;
        }

        return sum / weights.Length;
    }
}
