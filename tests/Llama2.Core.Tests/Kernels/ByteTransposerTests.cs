using System.Buffers.Binary;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class ByteTransposerTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void Transpose_AnyBytes_EqualsTheTwin(int stride)
    {
        byte[,] bytes = new byte[16, 8];
        byte[] row = new byte[8];
        var random = new Random(stride);
        ulong[] rows = new ulong[16];
        for (int i = 0; i < 16; i++)
        {
            random.NextBytes(row);
            for (int column = 0; column < 8; column++)
            {
                bytes[i, column] = row[column];
            }

            rows[ByteTransposer.IndexOf(i)] = BinaryPrimitives.ReadUInt64LittleEndian(row);
        }

        byte[] columns = [.. Enumerable.Repeat((byte)7, 8 * stride)];
        ByteTransposer.Transpose(rows, columns, stride);

        for (int i = 0; i < columns.Length; i++)
        {
            columns[i].Should().Be(i % stride < 16 ? bytes[i % stride, i / stride] : (byte)7, $"byte {i} of a stride of {stride}");
        }
    }
}
