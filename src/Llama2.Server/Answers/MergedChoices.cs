using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Llama2.Server.Answers;

/// <summary>Generates several answers at the same time, which the model computes together.</summary>
internal static class MergedChoices
{
    // Items of one choice that may wait for the reader. A generation already runs ahead of its reader, so a short queue is enough.
    private const int QueueLength = 4;

    /// <summary>The items of all choices as they come, each with the index of its choice.</summary>
    /// <param name="count">The number of choices.</param>
    /// <param name="open">Begins the choice with the given index.</param>
    /// <param name="cancellationToken">Ends all choices.</param>
    /// <remarks>If a choice fails, the others are ended, and its exception is thrown.</remarks>
    public static IAsyncEnumerable<(int Index, T Item)> MergeAsync<T>(
        int count, Func<int, CancellationToken, IAsyncEnumerable<T>> open, CancellationToken cancellationToken) =>
        count == 1 ? ReadOneAsync(open(0, cancellationToken)) : ReadAllAsync(count, open, cancellationToken);

    private static async IAsyncEnumerable<(int Index, T Item)> ReadOneAsync<T>(IAsyncEnumerable<T> choice)
    {
        await foreach (T item in choice.ConfigureAwait(false))
            yield return (0, item);
    }

    private static async IAsyncEnumerable<(int Index, T Item)> ReadAllAsync<T>(
        int count, Func<int, CancellationToken, IAsyncEnumerable<T>> open, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queue = Channel.CreateBounded<(int, T)>(new BoundedChannelOptions(count * QueueLength) { SingleReader = true });
        Task[] choices = [.. Enumerable.Range(0, count).Select(index => CopyAsync(index, open(index, stop.Token), queue.Writer, stop))];
        Task ending = CompleteAsync(choices, queue.Writer);
        try
        {
            await foreach ((int, T) item in queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return item;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ending.ConfigureAwait(false);
        }
    }

    // Never fails: the queue passes the exception on.
    private static async Task CopyAsync<T>(int index, IAsyncEnumerable<T> choice, ChannelWriter<(int, T)> queue, CancellationTokenSource stop)
    {
        try
        {
            await foreach (T item in choice.ConfigureAwait(false))
                await queue.WriteAsync((index, item), stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The reader of the queue gets every exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            queue.TryComplete(exception);
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task CompleteAsync<T>(Task[] choices, ChannelWriter<(int, T)> queue)
    {
        await Task.WhenAll(choices).ConfigureAwait(false);
        queue.TryComplete();
    }
}
