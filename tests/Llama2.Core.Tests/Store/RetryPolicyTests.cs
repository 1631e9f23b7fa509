using Llama2.Store;

namespace Llama2.Tests.Store;

public class RetryPolicyTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Delay_EachRetry_DoublesUpToALimit() =>
        Enumerable.Range(0, 9).Select(retry => RetryPolicy.Delay(s_second, retry, null, random: 0).TotalSeconds).Should().Equal(1, 2, 4, 8, 16, 32, 64, 64, 64);

    [Fact]
    public void Delay_Random_TakesUpToHalfAway() => RetryPolicy.Delay(s_second, 3, null, random: 1).TotalSeconds.Should().Be(4);

    [Theory]
    [InlineData(-5, 4)]
    [InlineData(1, 4)]
    [InlineData(10, 10)]
    [InlineData(86_400, 64)]
    public void Delay_HubThatAsksForTime_GetsItWithinReason(double asked, double expected) =>
        RetryPolicy.Delay(s_second, 2, TimeSpan.FromSeconds(asked), random: 0).TotalSeconds.Should().Be(expected);

    [Fact]
    public async Task RunAsync_FaultsWithoutAdvance_EndAfterTheRetries()
    {
        int count = 0;
        List<PullRetry> told = [];

        await FluentActions.Awaiting(() => RunAsync(hasAdvanced: () => false)).Should().ThrowAsync<ModelStoreException>().WithMessage("It could not be downloaded from the hub: it failed, even after 3 retries*");

        count.Should().Be(4);
        told.Select(retry => (retry.Reason, retry.Number, retry.MaxNumber)).Should().Equal(("it failed", 1, 3), ("it failed", 2, 3), ("it failed", 3, 3));
        told.Should().OnlyContain(retry => retry.Delay > TimeSpan.Zero && retry.Delay <= TimeSpan.FromTicks(4));

        Task<bool> RunAsync(Func<bool> hasAdvanced) =>
            new RetryPolicy(3, TimeSpan.FromTicks(1), TimeProvider.System).RunAsync<bool>("It", () => throw new TransientException($"it failed{(++count < 0 ? "!" : "")}"), hasAdvanced, told.Add, default);
    }

    [Fact]
    public async Task RunAsync_FaultsThatBringSomething_AreNotCounted()
    {
        int count = 0;

        int result = await new RetryPolicy(1, TimeSpan.FromTicks(1), TimeProvider.System)
            .RunAsync("It", () => ++count < 10 ? throw new TransientException("it failed") : Task.FromResult(count), () => true, _ => { }, default);

        result.Should().Be(10);
    }
}
