using System.Runtime.CompilerServices;
using Llama2.Generation;

namespace Llama2.Tests.Generation;

public class UpdateQueueTests
{
    [Fact]
    public async Task WaitToReadAsync_UpdatesThenEnd_GivesThemInOrder()
    {
        var queue = new UpdateQueue(3);
        ValueTask<bool> waiting = queue.WaitToReadAsync();
        waiting.IsCompleted.Should().BeFalse();
        for (int round = 0; round < 5; round++)
        {
            queue.TryWrite(new GenerationUpdate("a", round)).Should().BeTrue();
            queue.TryWrite(new GenerationUpdate("b", round)).Should().BeTrue();
            (await waiting).Should().BeTrue();
            queue.Count.Should().Be(2);
            queue.TryRead(out GenerationUpdate first).Should().BeTrue();
            queue.TryRead(out GenerationUpdate second).Should().BeTrue();
            (first, second).Should().Be((new GenerationUpdate("a", round), new GenerationUpdate("b", round)));
            queue.TryRead(out _).Should().BeFalse();
            waiting = queue.WaitToReadAsync();
        }

        queue.Complete();
        (await waiting).Should().BeFalse();
        (await queue.WaitToReadAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Complete_WithAnException_IsToldAfterTheUpdates()
    {
        var queue = new UpdateQueue(2);
        queue.TryWrite(new GenerationUpdate("a")).Should().BeTrue();
        queue.TryWrite(new GenerationUpdate("b")).Should().BeTrue();
        queue.TryWrite(new GenerationUpdate("c")).Should().BeFalse("it is full");
        queue.Complete(new ArithmeticException("first"));
        queue.Complete(new ArithmeticException("second"));

        (await queue.WaitToReadAsync()).Should().BeTrue();
        queue.TryRead(out _);
        queue.TryWrite(new GenerationUpdate("d")).Should().BeFalse("it is completed");
        queue.TryRead(out _);
        await FluentActions.Awaiting(async () => await queue.WaitToReadAsync()).Should().ThrowAsync<ArithmeticException>().WithMessage("first");

        var other = new UpdateQueue(2);
        ValueTask<bool> waiting = other.WaitToReadAsync();
        other.Complete(new ArithmeticException("third"));
        await FluentActions.Awaiting(async () => await waiting).Should().ThrowAsync<ArithmeticException>().WithMessage("third");
    }

    [Fact]
    public async Task WaitToReadAsync_ReaderThatIsDropped_IsNotKept()
    {
        var queue = new UpdateQueue(2);
        WeakReference reader = await ReadOneAsync(queue);

        for (int i = 0; i < 10 && reader.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        reader.IsAlive.Should().BeFalse();
        GC.KeepAlive(queue);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> ReadOneAsync(UpdateQueue queue)
    {
        IAsyncEnumerator<int> reader = Read(queue).GetAsyncEnumerator();
        ValueTask<bool> next = reader.MoveNextAsync();
        queue.TryWrite(new GenerationUpdate("a"));
        (await next).Should().BeTrue();
        return new WeakReference(reader);
    }

    private static async IAsyncEnumerable<int> Read(UpdateQueue queue)
    {
        while (await queue.WaitToReadAsync())
        {
            while (queue.TryRead(out _))
            {
                yield return 1;
            }
        }
    }
}
