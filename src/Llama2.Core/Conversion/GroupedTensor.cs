using System.Buffers;
using System.Buffers.Binary;
using Llama2.Formats;
using Llama2.Formats.Llama2C;
using Llama2.Quantization;

namespace Llama2.Conversion;

/// <summary>
/// A tensor of a llama2.c checkpoint of version 2, which stores signed bytes and a scale for each group of them. It is read as blocks of Q8_0 or, if
/// the group length or the row length is not a multiple of the block length, as floats.
/// </summary>
internal sealed class GroupedTensor(IByteSource source, Llama2CTensor tensor, TensorDescription description) : ITensorSource
{
    private const int ChunkLength = 4096;

    public TensorDescription Description => description;

    // Whole blocks are converted, although only a part of the first and the last block may be requested.
    public void Read(long byteOffset, Span<byte> destination)
    {
        int blockLength = GgmlTypes.BlockLength(description.Type), blockByteSize = GgmlTypes.BlockByteSize(description.Type);
        byte[] blocks = ArrayPool<byte>.Shared.Rent(ChunkLength / blockLength * blockByteSize);
        byte[] codes = ArrayPool<byte>.Shared.Rent(ChunkLength);
        byte[] scales = ArrayPool<byte>.Shared.Rent((ChunkLength + 1) * sizeof(float));
        while (destination.Length > 0)
        {
            (long firstBlock, long skipped) = Math.DivRem(byteOffset, blockByteSize);
            long first = firstBlock * blockLength;
            int count = (int)Math.Min(ChunkLength, tensor.ElementCount - first);
            Span<byte> chunk = blocks.AsSpan(0, count / blockLength * blockByteSize);
            Convert(first, codes.AsSpan(0, count), scales, chunk);
            ReadOnlySpan<byte> wanted = chunk[(int)skipped..];
            wanted = wanted[..Math.Min(wanted.Length, destination.Length)];
            wanted.CopyTo(destination);
            destination = destination[wanted.Length..];
            byteOffset += wanted.Length;
        }

        ArrayPool<byte>.Shared.Return(blocks);
        ArrayPool<byte>.Shared.Return(codes);
        ArrayPool<byte>.Shared.Return(scales);
    }

    private void Convert(long first, Span<byte> codes, Span<byte> scales, Span<byte> blocks)
    {
        source.Read(tensor.Offset + first, codes);
        long firstGroup = first / tensor.GroupLength, lastGroup = (first + codes.Length - 1) / tensor.GroupLength;
        source.Read(tensor.Offset + tensor.ElementCount + (firstGroup * sizeof(float)), scales[..(int)((lastGroup - firstGroup + 1) * sizeof(float))]);
        if (description.Type == GgmlType.F32)
        {
            for (int i = 0; i < codes.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(blocks[(i * sizeof(float))..], (sbyte)codes[i] * Scale(scales, first + i, firstGroup));
            return;
        }

        for (int i = 0, offset = 0; i < codes.Length; i += Q8_0.BlockLength, offset += Q8_0.BlockByteSize)
        {
            BinaryPrimitives.WriteHalfLittleEndian(blocks[offset..], (Half)Scale(scales, first + i, firstGroup));
            codes.Slice(i, Q8_0.BlockLength).CopyTo(blocks[(offset + sizeof(ushort))..]);
        }
    }

    private float Scale(ReadOnlySpan<byte> scales, long index, long firstGroup) =>
        BinaryPrimitives.ReadSingleLittleEndian(scales[((int)((index / tensor.GroupLength) - firstGroup) * sizeof(float))..]);
}
