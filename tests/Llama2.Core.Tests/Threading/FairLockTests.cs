using Llama2.Threading;

namespace Llama2.Tests.Threading;

public class FairLockTests
{
    [Fact]
    public void Enter_ThreadsThatWantItAgainAndAgain_HaveItInTurn()
    {
        const int ThreadCount = 4, RepeatCount = 500;
        var fair = new FairLock();
        var order = new List<int>();
        using var start = new Barrier(ThreadCount);
        Thread[] threads = [.. Enumerable.Range(0, ThreadCount).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = 0; i < RepeatCount; i++)
            {
                fair.Enter();
                order.Add(index);
                // This wait is long enough for the other threads to request the lock.
                Thread.SpinWait(20_000);
                fair.Exit();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        order.Should().HaveCount(ThreadCount * RepeatCount, "one at a time has it");
        int inTurn = Enumerable.Range(0, order.Count - ThreadCount + 1).Count(i => order.Skip(i).Take(ThreadCount).Distinct().Count() == ThreadCount);
        inTurn.Should().BeGreaterThan(order.Count / 2, "with an unfair lock, a thread obtains it many times before the next thread does");
    }

    [Fact]
    public void Enter_ThreadThatIsInterruptedWhileItWaits_HasTheLockAllTheSame()
    {
        var fair = new FairLock();
        bool wasInterrupted = false;
        fair.Enter();
        var waiting = new Thread(() =>
        {
            fair.Enter();
            fair.Exit();
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        });
        waiting.Start();
        SpinWait.SpinUntil(() => waiting.ThreadState == ThreadState.WaitSleepJoin, TimeSpan.FromSeconds(10)).Should().BeTrue();

        waiting.Interrupt();
        fair.Exit();

        waiting.Join(TimeSpan.FromSeconds(10)).Should().BeTrue();
        wasInterrupted.Should().BeTrue();
        fair.Enter();
        fair.Exit();
    }
}
