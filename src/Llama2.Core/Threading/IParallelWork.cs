namespace Llama2.Threading;

/// <summary>Work over a range of items that do not depend on each other.</summary>
internal interface IParallelWork
{
    /// <summary>Processes items <paramref name="start"/> … <paramref name="end"/> − 1.</summary>
    /// <param name="start">The first item.</param>
    /// <param name="end">The last item's index plus one.</param>
    /// <param name="worker">The index of the thread, 0 … <see cref="WorkerPool.ThreadCount"/> − 1, by which the thread's scratch memory can be chosen.</param>
    void Run(int start, int end, int worker);
}
