using System.Buffers;
using System.Buffers.Binary;
using Llama2.Formats;

namespace Llama2.Conversion;

/// <summary>
/// A tensor of 64-bit floating-point numbers that is read as 32-bit numbers. A number outside the range of 32-bit numbers becomes infinite, and
/// loading refuses infinite weights.
/// </summary>
/// <param name="tensor">The tensor as it is stored, of type F64.</param>
internal sealed class NarrowedTensor(ITensorSource tensor) : ITensorSource
{
    private const int ChunkLength = 4096;

    public TensorDescription Description { get; } = new(
        tensor.Description.Name, GgmlType.F32, [.. tensor.Description.Dimensions], tensor.Description.Offset, tensor.Description.EntryOffset);

    // Every number is converted as a whole, although only some bytes of the first and the last number may be requested.
    public void Read(long byteOffset, Span<byte> destination)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(ChunkLength * sizeof(double)), narrowed = ArrayPool<byte>.Shared.Rent(ChunkLength * sizeof(float));
        long elementCount = Description.ByteSize / sizeof(float);
        while (destination.Length > 0)
        {
            (long first, long skipped) = Math.DivRem(byteOffset, sizeof(float));
            int count = (int)Math.Min(Math.Min(ChunkLength, elementCount - first), (skipped + destination.Length + sizeof(float) - 1) / sizeof(float));
            tensor.Read(first * sizeof(double), stored.AsSpan(0, count * sizeof(double)));
            for (int i = 0; i < count; i++)
                BinaryPrimitives.WriteSingleLittleEndian(narrowed.AsSpan(i * sizeof(float)), (float)BinaryPrimitives.ReadDoubleLittleEndian(stored.AsSpan(i * sizeof(double))));

            int length = (int)Math.Min(count * sizeof(float) - skipped, destination.Length);
            narrowed.AsSpan((int)skipped, length).CopyTo(destination);
            destination = destination[length..];
            byteOffset += length;
        }

        ArrayPool<byte>.Shared.Return(stored);
        ArrayPool<byte>.Shared.Return(narrowed);
    }
}
