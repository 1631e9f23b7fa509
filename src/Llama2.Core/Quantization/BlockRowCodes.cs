namespace Llama2.Quantization;

/// <summary>The codes of rows in a block format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal sealed class BlockRowCodes<TFormat> : RowCodes
    where TFormat : struct, IBlockFormat
{
    public static readonly RowCodes Instance = new BlockRowCodes<TFormat>();

    public override void Unpack(ReadOnlySpan<byte> row, Span<byte> codes, Span<float> scales)
    {
        int blockCount = BlockFormat.CountBlocks<TFormat>(row, scales);
        var parts = new BlockParts
        {
            Codes = stackalloc byte[BlockParts.MaxBlockLength],
            GroupScales = stackalloc sbyte[BlockParts.MaxGroupCount],
            GroupOffsets = stackalloc byte[BlockParts.MaxGroupCount],
        };
        for (int block = 0; block < blockCount; block++)
        {
            BlockFormat.Unpack<TFormat>(row.Slice(block * TFormat.BlockByteSize, TFormat.BlockByteSize), ref parts);
            int start = block * TFormat.BlockLength;
            parts.Codes[..TFormat.BlockLength].CopyTo(codes[start..]);
            for (int group = 0; group < TFormat.BlockLength / TFormat.GroupLength; group++)
            {
                scales.Slice(start + group * TFormat.GroupLength, TFormat.GroupLength).Fill((float)parts.Scale * parts.GroupScales[group]);
            }
        }
    }

    public override void Replace(ReadOnlySpan<byte> codes, Span<byte> row)
    {
        int blockCount = BlockFormat.CountBlocks<TFormat>(row);
        var parts = new BlockParts
        {
            Codes = stackalloc byte[BlockParts.MaxBlockLength],
            GroupScales = stackalloc sbyte[BlockParts.MaxGroupCount],
            GroupOffsets = stackalloc byte[BlockParts.MaxGroupCount],
        };
        for (int block = 0; block < blockCount; block++)
        {
            Span<byte> bytes = row.Slice(block * TFormat.BlockByteSize, TFormat.BlockByteSize);
            TFormat.UnpackScales(bytes, ref parts);
            codes.Slice(block * TFormat.BlockLength, TFormat.BlockLength).CopyTo(parts.Codes);
            TFormat.Pack(in parts, bytes);
        }
    }

    public override byte Neighbor(byte code, bool isGreater) =>
        TFormat.HasNonlinearCodes ? NonlinearCodes.Neighbor(code, isGreater)
        : isGreater ? (byte)Math.Min(code + 1, TFormat.MaxCode)
        : (byte)Math.Max(code - 1, 0);
}
