using Llama2.Memory;

namespace Llama2.Tests.Memory;

// No other test may run at the same time, because half of the memory counts as used during these tests.
[Collection(nameof(Threading.Undisturbed))]
public class MemoryBudgetTests
{
    [Fact]
    public void Require_MoreThanThereIs_SaysBothFiguresAndTheRemedy()
    {
        LlamaMemoryException exception = FluentActions.Invoking(() => MemoryBudget.Require(1L << 60, "a test", "Do without"))
            .Should().Throw<LlamaMemoryException>().WithMessage("*a test*1,099,511,627,776 MiB*Do without.").Which;

        exception.RequiredBytes.Should().Be(1L << 60);
        exception.AvailableBytes.Should().BeLessThan(MemoryBudget.LimitBytes);
    }

    [Fact]
    public void Require_MemoryThatIsAllocatedAndNotTouched_IsNotGivenTwice()
    {
        long half = MemoryBudget.LimitBytes / 2;
        using (new AlignedBuffer<byte>(half))
        {
            FluentActions.Invoking(() => MemoryBudget.Require(half + 1, "a test", "Do without")).Should().Throw<LlamaMemoryException>();
        }

        MemoryBudget.Require(half / 2, "a test", "Do without");
    }

    [Fact]
    public void CountMapped_MappedWeights_LeaveTheBudgetAndNarrowTheRoomForCaches()
    {
        long available = MemoryBudget.AvailableBytes, half = MemoryBudget.LimitBytes / 2;
        MemoryBudget.CountMapped(half);
        try
        {
            MemoryBudget.AvailableBytes.Should().BeGreaterThan(available - half / 4);
            MemoryBudget.AvailableBytesBesideMappings.Should().Be(Math.Max(0, MemoryBudget.AvailableBytes - MemoryBudget.MappedBytes)).And.BeLessThan(available - half / 4);
        }
        finally
        {
            MemoryBudget.CountMapped(-half);
        }
    }

    [Fact]
    public void Shortage_InAContainer_SaysWhichLimitToRaise()
        => MemoryBudget.Shortage(900L << 20, 800L << 20, containerLimit: 858L << 20, "a test", "Do without").Message.Should().Be(
            "There is not enough memory for a test: 900 MiB are needed, 800 MiB are available. Do without. Or raise the memory limit of the container or service, which is 858 MiB.");

    [Fact]
    public void Shortage_OnAMachineWithoutLimit_NamesNone()
        => MemoryBudget.Shortage(900L << 20, 800L << 20, containerLimit: null, "a test", "Do without").Message.Should().EndWith(" 800 MiB are available. Do without.");
}
