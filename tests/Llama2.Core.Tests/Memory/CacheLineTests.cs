using System.Runtime.CompilerServices;
using Llama2.Memory;

namespace Llama2.Tests.Memory;

public class CacheLineTests
{
    [Fact]
    public void Align_AnyStart_BeginsAtTheNextLine()
    {
        using var buffer = new AlignedBuffer<float>(64);
        for (int start = 0; start <= 32; start++)
        {
            Span<float> aligned = CacheLine.Align(buffer.Span[start..]);

            int first = (start + 15) / 16 * 16;
            Unsafe.AreSame(ref aligned[0], ref buffer.Span[first]).Should().BeTrue();
            aligned.Length.Should().Be(64 - first);
        }
    }
}
