using System.Buffers.Binary;
using System.Numerics;

namespace Llama2.Training.Logs;

/// <summary>
/// Writes records in TensorFlow's record format (https://www.tensorflow.org/tutorials/load_data/tfrecord): bytes 0-7 length | 8-11 masked checksum of the
/// length | the data | 4 bytes masked checksum of the data. The checksum is CRC-32C; all numbers are little-endian.
/// </summary>
internal static class RecordWriter
{
    private const uint MaskDelta = 0xA282EAD8;

    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[sizeof(long) + sizeof(uint)], tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(head, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(long)..], MaskedChecksum(head[..sizeof(long)]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedChecksum(data));
        stream.Write(head);
        stream.Write(data);
        stream.Write(tail);
    }

    // The checksum is rotated and a constant is added, because a checksum of data that contain checksums is weak.
    private static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        uint checksum = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return BitOperations.RotateRight(~checksum, 15) + MaskDelta;
    }
}
