using System.Runtime.CompilerServices;

namespace Llama2.Tests;

public class TimeLimitTests
{
    private static int s_count;

    [Fact]
    public void Verify_WorkBeyondItsLimit_IsFoundHoweverBusyTheMachineIs() =>
        FluentActions.Invoking(() => TimeLimit.Verify(TimeSpan.FromMilliseconds(2), () => Count(100_000_000), attemptCount: 2)).Should().Throw<TimeoutException>();

    [Fact]
    public void Verify_WorkThatIsLongOnlyInItsFirstAttempt_IsWithinItsLimit()
    {
        int attemptCount = 0;
        TimeLimit.Verify(TimeSpan.FromMilliseconds(20), () => Count(attemptCount++ == 0 ? 1_000_000_000 : 1));

        attemptCount.Should().Be(2);
    }

    [LinuxFact]
    public void Measure_TimeInWhichOthersHaveTheProcessor_IsNone()
    {
        var other = new Thread(() => Count(500_000_000));

        TimeSpan time = TimeLimit.Measure(() =>
        {
            other.Start();
            other.Join();
        });

        time.Should().BeLessThan(TimeSpan.FromMilliseconds(50));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(int stepCount)
    {
        for (int i = 0; i < stepCount; i++)
            Volatile.Write(ref s_count, i);
    }
}
