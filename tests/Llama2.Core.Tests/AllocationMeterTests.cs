namespace Llama2.Tests;

public class AllocationMeterTests
{
    [Fact]
    public void Measure_ActionThatAllocates_SeesIt()
    {
        byte[] kept = [];
        AllocationMeter.Measure(() => kept = new byte[100]).Should().BeInRange(100, 200);
        kept.Should().HaveCount(100);
    }

    [Fact]
    public void Measure_ActionThatDoesNot_IsZero()
    {
        int calls = 0;
        AllocationMeter.Measure(() => calls++).Should().Be(0);
        calls.Should().Be(6);
    }
}
