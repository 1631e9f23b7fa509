namespace Llama2.Tests.Hardware;

public class MemoryBandwidthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void MeasureRead_AnyThreadCount_IsASpeedThatMemoryHas(int threadCount)
        // The range extends from a busy machine of the year 2000 to a large server. If the read were optimized away, or came from a cache, the result would be above
        // this range.
        => MemoryBandwidth.MeasureRead(threadCount).Should().BeInRange(1e8, 2e12);

    [Fact]
    public void MeasureRead_Cancelled_Throws()
    {
        Action measure = () => MemoryBandwidth.MeasureRead(cancellationToken: new CancellationToken(canceled: true));

        measure.Should().Throw<OperationCanceledException>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void MeasureRead_ThreadCountOutOfRange_IsRefused(int threadCount)
    {
        Action measure = () => MemoryBandwidth.MeasureRead(threadCount);

        measure.Should().Throw<ArgumentOutOfRangeException>();
    }
}
