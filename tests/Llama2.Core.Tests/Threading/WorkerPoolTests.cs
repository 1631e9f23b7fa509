using Llama2.Threading;

namespace Llama2.Tests.Threading;

public class WorkerPoolTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Run_AnyCountAndChunk_DoesEveryItemOnce(int threadCount)
    {
        using var pool = new WorkerPool(threadCount);
        pool.ThreadCount.Should().Be(threadCount);
        foreach (int itemCount in (int[])[0, 1, 2, 3, 7, 8, 9, 31, 64, 100, 1000, 12_345])
        {
            foreach (int minimumChunk in (int[])[1, 2, 5, 16, 100, 20_000])
            {
                int[] counts = new int[itemCount];
                pool.Run(new Count(counts), itemCount, minimumChunk);
                counts.AsSpan().ContainsAnyExcept(1).Should().BeFalse("{0} items, chunks of {1}", itemCount, minimumChunk);
            }
        }
    }

    [Fact]
    public void Run_ChunkedWork_HandsOutChunksOfAtLeastTheMinimum()
    {
        using var pool = new WorkerPool(3);
        var chunks = new List<(int Start, int End)>();
        pool.Run(new Collect(chunks), 100, 7);
        chunks.Sort();
        chunks[..^1].Should().OnlyContain(chunk => chunk.End - chunk.Start >= 7);
        chunks[^1].End.Should().Be(100);
    }

    [Fact]
    public void Run_WhileAnotherThreadIsHeld_DoesItsOwnShareInOrderAndThenTheOthers()
    {
        using var pool = new WorkerPool(2);
        var chunks = new List<(int Start, int End)>();
        int held = 0;
        pool.Run(new HoldOthers(chunks, count => held = count), 100);

        int own = chunks.FindIndex(chunk => chunk.End == 50) + 1;
        chunks.Take(own).Select(chunk => chunk.Start).Should().Equal([0, .. chunks.Take(own - 1).Select(chunk => chunk.End)], "a thread processes its own share from the front");
        chunks.Skip(own).Select(chunk => chunk.End).Should().Equal([100, .. chunks.Skip(own).SkipLast(1).Select(chunk => chunk.Start)], "a thread helps with other shares from the back");
        chunks.Sum(chunk => chunk.End - chunk.Start).Should().Be(100 - held);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Run_WhileTheLastThreadIsAside_DoesEveryItem(int threadCount)
    {
        using var gate = new ManualResetEventSlim();
        int asideCount = 0;
        using var pool = new WorkerPool(threadCount);
        pool.RunAside(() =>
        {
            gate.Wait();
            asideCount++;
        });
        int[] counts = new int[1000];
        pool.Run(new Count(counts), counts.Length);
        counts.Should().OnlyContain(count => count == 1);
        asideCount.Should().Be(0);

        gate.Set();
        Meet(pool).Threads.Should().OnlyHaveUniqueItems().And.HaveCount(threadCount);
        asideCount.Should().Be(1);
    }

    [Fact]
    public void Dispose_WhileAThreadIsAside_WaitsForIt()
    {
        using var isAside = new ManualResetEventSlim();
        bool isDone = false;
        var pool = new WorkerPool(2);
        pool.RunAside(() =>
        {
            isAside.Set();
            Thread.Sleep(200);
            isDone = true;
        });
        isAside.Wait();
        pool.Dispose();
        isDone.Should().BeTrue();
    }

    [Fact]
    public void RunAside_OneThread_DoesNothing()
    {
        using var pool = new WorkerPool(1);
        pool.RunAside(() => throw new InvalidOperationException("there is no other thread that could run it"));
        pool.Run(new Count(new int[10]), 10);
        pool.SetThreadCount(3);
        Meet(pool).Threads.Should().HaveCount(3);
    }

    [Fact]
    public void Run_ManySmallRuns_LoseNothing()
    {
        using var pool = new WorkerPool(3);
        int[] counts = new int[17];
        for (int run = 0; run < 300; run++)
        {
            pool.Run(new Count(counts), 17);
        }

        counts.Should().OnlyContain(count => count == 300);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Run_WorkerIndexes_AreNeverUsedByTwoThreadsAtOnce(int threadCount)
    {
        using var pool = new WorkerPool(threadCount);
        int[] users = new int[threadCount];
        int[] faults = new int[1];
        for (int run = 0; run < 100; run++)
        {
            pool.Run(new Occupy(users, faults), 64);
        }

        faults[0].Should().Be(0);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Run_AsManyItemsAsThreads_AllThreadsTakePart(int threadCount)
    {
        using var pool = new WorkerPool(threadCount);
        (int[] workers, Thread[] threads) = Meet(pool);
        workers.Should().BeEquivalentTo(Enumerable.Range(0, threadCount));
        threads.Distinct().Should().HaveCount(threadCount);
        threads[Array.IndexOf(workers, 0)].Should().BeSameAs(Thread.CurrentThread);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Run_ItemThatThrows_SurfacesOnTheCallerAndThePoolGoesOn(int threadCount)
    {
        using var pool = new WorkerPool(threadCount);
        for (int bad = 0; bad < 100; bad++)
        {
            Action run = () => pool.Run(new ThrowAt(bad), 100);
            run.Should().Throw<InvalidDataException>().WithMessage($"item {bad}");
            int[] counts = new int[100];
            pool.Run(new Count(counts), 100);
            counts.Should().OnlyContain(count => count == 1);
        }
    }

    [Fact]
    public void Run_EveryThreadThrows_SurfacesOne()
    {
        using var pool = new WorkerPool(4);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            Action run = () => pool.Run(new ThrowAt(-1), 100);
            run.Should().Throw<InvalidDataException>();
        }
    }

    [Fact]
    public void Dispose_EndsAllThreads()
    {
        var pool = new WorkerPool(4);
        (_, Thread[] threads) = Meet(pool);
        pool.Dispose();
        threads.Where(thread => thread != Thread.CurrentThread).Should().HaveCount(3).And.OnlyContain(thread => !thread.IsAlive);
    }

    [Fact]
    public void Dispose_UnusedOrTwice_IsFine()
    {
        var pool = new WorkerPool(3);
        pool.Dispose();
        pool.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 100)]
    [InlineData(3, 1)]
    [InlineData(3, 100)]
    public void Run_AfterDispose_ThrowsObjectDisposedException(int threadCount, int itemCount)
    {
        var pool = new WorkerPool(threadCount);
        pool.Run(new Count(new int[itemCount]), itemCount);
        pool.Dispose();
        Action run = () => pool.Run(new Count(new int[itemCount]), itemCount);
        run.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Run_AfterTheFirst_AllocatesNothing()
    {
        using var pool = new WorkerPool(2);
        int[] counts = new int[100];
        AllocationMeter.Measure(() => pool.Run(new Count(counts), 100)).Should().Be(0);
    }

    [Fact]
    public void Run_CallersOnManyThreads_TakeTurns()
    {
        using var pool = new WorkerPool(3);
        int[] counts = new int[64];
        OnThreads(4, _ =>
        {
            for (int run = 0; run < 50; run++)
            {
                pool.Run(new Count(counts), 64);
            }
        });
        counts.Should().OnlyContain(count => count == 4 * 50);
    }

    [Fact]
    public void Run_ManyPoolsAtOnce_DoNotDisturbEachOther()
    {
        int[][] counts = [.. Enumerable.Range(0, 6).Select(_ => new int[50])];
        OnThreads(6, index =>
        {
            for (int repeat = 0; repeat < 10; repeat++)
            {
                using var pool = new WorkerPool(3);
                for (int run = 0; run < 20; run++)
                {
                    pool.Run(new Count(counts[index]), 50);
                }
            }
        });
        counts.Should().AllSatisfy(array => array.Should().OnlyContain(count => count == 200));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Constructor_ThreadCountOutOfRange_Throws(int threadCount)
    {
        Action make = () => new WorkerPool(threadCount).Dispose();
        make.Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(threadCount));
    }

    [Fact]
    public void SetThreadCount_MoreThenFewer_AllTakePartAndTheOthersHaveEnded()
    {
        using var pool = new WorkerPool(2);
        Thread[] former = Meet(pool).Threads;
        foreach (int threadCount in (int[])[4, 4, 1, 3, 2, 6, 1])
        {
            pool.SetThreadCount(threadCount);
            pool.ThreadCount.Should().Be(threadCount);
            (int[] workers, Thread[] threads) = Meet(pool);
            workers.Should().BeEquivalentTo(Enumerable.Range(0, threadCount));
            former.Except(threads).Should().HaveCount(Math.Max(0, former.Length - threadCount)).And.NotContain(thread => thread.IsAlive);
            former = threads;
        }

        int[] counts = new int[100];
        AllocationMeter.Measure(() => pool.Run(new Count(counts), 100)).Should().Be(0);
    }

    [Fact]
    public void SetThreadCount_WhileOthersRun_LosesNothing()
    {
        using var pool = new WorkerPool(2);
        int[] counts = new int[64];
        OnThreads(3, index =>
        {
            var random = new Random(index);
            for (int run = 0; run < 200; run++)
            {
                pool.Run(new Count(counts), 64);
                if (index == 0)
                {
                    pool.SetThreadCount(random.Next(1, 6));
                }
            }
        });
        counts.Should().OnlyContain(count => count == 3 * 200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void SetThreadCount_OutOfRange_ThrowsAndChangesNothing(int threadCount)
    {
        using var pool = new WorkerPool(2);
        Action set = () => pool.SetThreadCount(threadCount);
        set.Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(threadCount));
        Meet(pool).Threads.Should().HaveCount(2);
    }

    [Fact]
    public void SetThreadCount_AfterDispose_ThrowsObjectDisposedException()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        Action set = () => pool.SetThreadCount(3);
        set.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Dispose_AfterSetThreadCount_EndsAllThreads()
    {
        var pool = new WorkerPool(1);
        pool.SetThreadCount(4);
        (_, Thread[] threads) = Meet(pool);
        pool.Dispose();
        threads.Where(thread => thread != Thread.CurrentThread).Should().HaveCount(3).And.OnlyContain(thread => !thread.IsAlive);
    }

    private static (int[] Workers, Thread[] Threads) Meet(WorkerPool pool)
    {
        int[] workers = new int[pool.ThreadCount];
        var threads = new Thread[pool.ThreadCount];
        using var barrier = new Barrier(pool.ThreadCount);
        pool.Run(new MeetOthers(barrier, workers, threads), pool.ThreadCount);
        return (workers, threads);
    }

    private static void OnThreads(int count, Action<int> action)
    {
        Exception? fault = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            try
            {
                action(index);
            }
            catch (Exception exception)
            {
                fault = exception;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        threads.Should().OnlyContain(thread => thread.Join(s_patience));
        fault.Should().BeNull();
    }

    private readonly struct Count(int[] counts) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                Interlocked.Increment(ref counts[item]);
            }
        }
    }

    private readonly struct Collect(List<(int Start, int End)> chunks) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            lock (chunks)
            {
                chunks.Add((start, end));
            }
        }
    }

    // The caller records its chunks; every other thread keeps its first chunk until the caller has computed all the rest.
    private readonly struct HoldOthers(List<(int Start, int End)> chunks, Action<int> onHold) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            if (worker == 0)
            {
                lock (chunks)
                {
                    chunks.Add((start, end));
                }

                return;
            }

            onHold(end - start);
            List<(int Start, int End)> done = chunks;
            int rest = 100 - (end - start);
            if (!SpinWait.SpinUntil(() => Sum(done) == rest, s_patience))
            {
                throw new TimeoutException("The caller did not process the remaining chunks.");
            }
        }

        private static int Sum(List<(int Start, int End)> chunks)
        {
            lock (chunks)
            {
                return chunks.Sum(chunk => chunk.End - chunk.Start);
            }
        }
    }

    private readonly struct Occupy(int[] users, int[] faults) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            if (Interlocked.Increment(ref users[worker]) != 1)
            {
                Interlocked.Increment(ref faults[0]);
            }

            Thread.SpinWait(20);
            Interlocked.Decrement(ref users[worker]);
        }
    }

    private readonly struct MeetOthers(Barrier barrier, int[] workers, Thread[] threads) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            (workers[start], threads[start]) = (worker, Thread.CurrentThread);
            if (!barrier.SignalAndWait(s_patience))
            {
                throw new TimeoutException("The other threads did not take part.");
            }
        }
    }

    private readonly struct ThrowAt(int bad) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            if (bad < 0 || (bad >= start && bad < end))
            {
                throw new InvalidDataException($"item {bad}");
            }
        }
    }
}
