using System.Buffers.Binary;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class MemoryReadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(4096)]
    public void Fold_AnyLength_AddsEveryWordOfTheWholeLines(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        ulong expected = 0;
        for (int i = 0; i < length / 256 * 256; i += sizeof(ulong))
        {
            expected = unchecked(expected + BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i)));
        }

        MemoryRead.Fold(bytes).Should().Be(expected);
    }
}
