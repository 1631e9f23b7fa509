using Llama2.Memory;

namespace Llama2.Tests.Memory;

public class WeightBytesTests
{
    [Theory]
    [InlineData(0, 101)]
    [InlineData(100, 1)]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(0, -1)]
    public void Slice_OutsideTheBytes_IsRefused(long start, int length)
    {
        using WeightBytes bytes = WeightBytes.Allocate(100);

        bytes.Invoking(some => some.Slice(start, length).Length).Should().Throw<ArgumentOutOfRangeException>();
        bytes.Invoking(some => some.Writable(start, length).Length).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void AnyAccess_AfterDisposal_Throws()
    {
        WeightBytes bytes = WeightBytes.Allocate(100);
        bytes.Slice(0, 100).ToArray().Should().OnlyContain(value => value == 0);
        bytes.Dispose();
        bytes.Dispose();

        bytes.Invoking(some => some.Slice(0, 1).Length).Should().Throw<ObjectDisposedException>();
        bytes.Invoking(some => some.Reference).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void WithoutMemory_HasASizeAndNoBytes()
    {
        WeightBytes bytes = WeightBytes.WithoutMemory(1L << 50);

        bytes.ByteSize.Should().Be(1L << 50);
        bytes.Invoking(some => some.Slice(0, 1).Length).Should().Throw<ObjectDisposedException>();
    }
}
