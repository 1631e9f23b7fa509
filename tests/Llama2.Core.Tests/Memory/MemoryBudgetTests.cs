using Llama2.Memory;

namespace Llama2.Tests.Memory;

// Alone: half of the memory counts as taken meanwhile.
[Collection(nameof(Threading.Undisturbed))]
public class MemoryBudgetTests
{
    [Fact]
    public void Require_MoreThanThereIs_SaysBothFiguresAndTheRemedy()
    {
        LlamaMemoryException exception = FluentActions.Invoking(() => MemoryBudget.Require(1L << 60, "a test", "Do without"))
            .Should().Throw<LlamaMemoryException>().WithMessage("*a test*1,099,511,627,776 MiB*Do without.").Which;

        exception.RequiredBytes.Should().Be(1L << 60);
        exception.AvailableBytes.Should().BeLessThan(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    [Fact]
    public void Require_MemoryThatIsAllocatedAndNotTouched_IsNotGivenTwice()
    {
        long half = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        using (new AlignedBuffer<byte>(half))
        {
            FluentActions.Invoking(() => MemoryBudget.Require(half + 1, "a test", "Do without")).Should().Throw<LlamaMemoryException>();
        }

        MemoryBudget.Require(half / 2, "a test", "Do without");
    }
}
