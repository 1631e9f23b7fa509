using System.Runtime.CompilerServices;
using Llama2.Memory;

namespace Llama2.Tests.Memory;

public class AlignedBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100_003)]
    public void Reference_AnyLength_IsOn64Bytes(int length)
    {
        for (int repeat = 0; repeat < 20; repeat++)
        {
            using var buffer = new AlignedBuffer<byte>(length);
            (Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref buffer.Reference) % 64).Should().Be(0);
            buffer.Length.Should().Be(length);
            buffer.Span.Length.Should().Be(length);
        }
    }

    [Fact]
    public void Span_NewBuffer_IsZero()
    {
        // The allocator is likely to return memory that another buffer has just written to.
        for (int repeat = 0; repeat < 50; repeat++)
        {
            using var buffer = new AlignedBuffer<int>(1000);
            buffer.Span.ContainsAnyExcept(0).Should().BeFalse();
            buffer.Span.Fill(-1);
        }
    }

    [Fact]
    public void Bytes_PartOfNumbers_AreThatPart()
    {
        using var buffer = new AlignedBuffer<float>(3);
        buffer.Span[1] = 1;

        buffer.Bytes(1, 2).ToArray().Should().Equal(0, 0, 0x80, 0x3F, 0, 0, 0, 0);
        FluentActions.Invoking(() => buffer.Bytes(2, 2).Length).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void ByteSize_CountsElements()
    {
        using var buffer = new AlignedBuffer<double>(10);
        (buffer.Length, buffer.ByteSize).Should().Be((10, 80));
    }

    [Fact]
    public void Slice_PartsOfTheBuffer_AreTheSameMemory()
    {
        using var buffer = new AlignedBuffer<int>(10);
        buffer.Slice(3, 4).Fill(7);
        buffer.Span.ToArray().Should().Equal(0, 0, 0, 7, 7, 7, 7, 0, 0, 0);
        buffer.Slice(10, 0).Length.Should().Be(0);
        Unsafe.AreSame(ref buffer.Slice(0, 1)[0], ref buffer.Reference).Should().BeTrue();
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(11, 0)]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(5, int.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MinValue, int.MinValue)]
    public void Slice_OutsideTheBuffer_Throws(long start, int length)
    {
        using var buffer = new AlignedBuffer<int>(10);
        Action slice = () => buffer.Slice(start, length);
        slice.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Constructor_NegativeLength_Throws(long length)
    {
        Action make = () => new AlignedBuffer<int>(length).Dispose();
        make.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Constructor_MoreThanAnAddressSpace_Throws()
    {
        Action overflow = () => new AlignedBuffer<long>(long.MaxValue).Dispose();
        Action tooMuch = () => new AlignedBuffer<long>(long.MaxValue / 16).Dispose();
        overflow.Should().Throw<OverflowException>();
        tooMuch.Should().Throw<LlamaMemoryException>();
    }

    [Fact]
    public void Use_AfterDispose_ThrowsObjectDisposedException()
    {
        var buffer = new AlignedBuffer<int>(10);
        buffer.Dispose();
        buffer.Dispose();
        Action reference = () => buffer.Reference = 1, span = () => buffer.Span.Clear(), slice = () => buffer.Slice(0, 0);
        reference.Should().Throw<ObjectDisposedException>();
        span.Should().Throw<ObjectDisposedException>();
        slice.Should().Throw<ObjectDisposedException>();
    }

    // If memory were freed twice, the allocator would end the process. The threads wait for each other before each buffer, and spin, because
    // otherwise they would hardly ever use it at the same moment.
    [Fact]
    public void Dispose_ByTwoThreadsAtOnce_FreesOnce()
    {
        AlignedBuffer<byte>[] buffers = [.. Enumerable.Range(0, 20_000).Select(_ => new AlignedBuffer<byte>(2000))];
        int arrivedCount = 0;
        Thread[] threads = [new(DisposeAll), new(DisposeAll)];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        void DisposeAll()
        {
            for (int i = 0; i < buffers.Length; i++)
            {
                Interlocked.Increment(ref arrivedCount);
                SpinWait.SpinUntil(() => Volatile.Read(ref arrivedCount) >= 2 * (i + 1));
                buffers[i].Dispose();
            }
        }
    }
}
