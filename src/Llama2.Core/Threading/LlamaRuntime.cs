using Llama2.Threading;

namespace Llama2;

/// <summary>
/// The threads that compute, shared by any number of models. There are as many worker threads as cores, whatever the number of models, so that models
/// which generate at the same time do not compete for the cores. The models compute their passes one after the other. Unless
/// <see cref="LlamaModelOptions.Runtime"/> or <see cref="LlamaModelOptions.ThreadCount"/> says otherwise, all models of a process share the runtime
/// <see cref="Shared"/>. All members are thread-safe.
/// </summary>
/// <example><code>
/// using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 4 });
/// using LlamaModel chat = LlamaModel.Load("chat.gguf", new LlamaModelOptions { Runtime = runtime });
/// using LlamaModel guard = LlamaModel.Load("guard.gguf", new LlamaModelOptions { Runtime = runtime });
/// </code></example>
public sealed class LlamaRuntime : IDisposable
{
    private static readonly Lazy<LlamaRuntime> s_shared = new(() => new LlamaRuntime(), LazyThreadSafetyMode.PublicationOnly);
    private readonly FairLock _turn = new();
    private volatile int _threadCount;
    private volatile bool _isDisposed;

    /// <summary>Starts the worker threads. They sleep while nothing is computed.</summary>
    /// <param name="options">The number of threads, and whether models compute on their callers' threads; null takes the defaults.</param>
    /// <exception cref="LlamaThreadException">The operating system refuses to start a thread.</exception>
    public LlamaRuntime(LlamaRuntimeOptions? options = null)
    {
        options ??= new LlamaRuntimeOptions();
        UsesCallingThreads = options.UseCallingThreads;
        TimeProvider = options.TimeProvider;
        Workers = new WorkerPool(options.ThreadCount ?? (UsesCallingThreads ? 1 : PhysicalCores.KnownCount));
        _threadCount = Workers.ThreadCount;
    }

    /// <summary>
    /// The runtime of all models that are loaded without another runtime: <see cref="LlamaHardware.PhysicalCoreCount"/> threads, started when the
    /// first model is loaded. Disposing it has no effect.
    /// </summary>
    /// <exception cref="LlamaThreadException">The operating system refuses to start a thread; the next call tries again.</exception>
    public static LlamaRuntime Shared => s_shared.Value;

    /// <summary>
    /// The number of threads that compute a pass, 1 to 1,024; initially <see cref="LlamaRuntimeOptions.ThreadCount"/>. May be set at any time: each
    /// model uses the new number beginning with its next pass. Results do not depend on the number. If the operating system then refuses a thread,
    /// the number falls back to the number of existing threads.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The property is set to a value out of range.</exception>
    /// <exception cref="ObjectDisposedException">The property is set after the runtime was disposed.</exception>
    public int ThreadCount
    {
        get => _threadCount;
        set
        {
            WorkerPool.CheckThreadCount(value, nameof(value));
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            RequestThreads(value);
        }
    }

    /// <summary>Whether the models have no thread of their own: see <see cref="LlamaRuntimeOptions.UseCallingThreads"/>.</summary>
    public bool UsesCallingThreads { get; }

    /// <summary>The threads. Only the holder of the turn may use them.</summary>
    internal WorkerPool Workers { get; }

    /// <summary>The clock of the models.</summary>
    internal TimeProvider TimeProvider { get; }

    /// <summary>Ends the worker threads. Dispose the models first: generating with them afterwards fails with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (!s_shared.IsValueCreated || s_shared.Value != this)
        {
            _isDisposed = true;
            Workers.Dispose();
        }
    }

    /// <summary>Waits until no other model of this runtime computes; dispose the turn to let others compute.</summary>
    internal Turn WaitForTurn()
    {
        _turn.Enter();
        return new Turn(_turn);
    }

    /// <summary>Sets the number of threads from the next pass on, without checking it.</summary>
    internal void RequestThreads(int threadCount) => _threadCount = threadCount;

    /// <summary>Withdraws a requested number of threads that the system refused, unless another number was set in the meantime.</summary>
    internal void TakeBack(int threadCount)
        => Interlocked.CompareExchange(ref _threadCount, Workers.ThreadCount, threadCount);

    /// <summary>The right to use the threads, until it is disposed.</summary>
    internal readonly ref struct Turn(FairLock turn)
    {
        public void Dispose() => turn.Exit();
    }
}
