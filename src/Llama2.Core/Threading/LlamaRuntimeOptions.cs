using Llama2.Threading;

namespace Llama2;

/// <summary>The threads and the clock of a <see cref="LlamaRuntime"/>. Immutable; every property is checked when it is set.</summary>
public sealed record LlamaRuntimeOptions
{
    /// <summary>
    /// The number of threads that compute a pass together, 1 to 1,024; null (the default) takes <see cref="LlamaHardware.PhysicalCoreCount"/>, or 1
    /// if <see cref="UseCallingThreads"/> is set. It can be changed later by <see cref="LlamaRuntime.ThreadCount"/>.
    /// </summary>
    public int? ThreadCount
    {
        get;
        init
        {
            if (value is int count)
            {
                WorkerPool.CheckThreadCount(count, nameof(ThreadCount));
            }

            field = value;
        }
    }

    /// <summary>
    /// Whether a model computes on the threads of its callers instead of a thread of its own. A caller that awaits the next update of a generation,
    /// or any other result, then computes passes until the result is available. Default false. This is for processes that must not start threads:
    /// with <see cref="ThreadCount"/> 1, no thread is started. The generated texts are the same. Nothing is computed while no caller awaits a result,
    /// and a generation whose reader stopped reading is ended when the model is next used.
    /// </summary>
    public bool UseCallingThreads { get; init; }

    /// <summary>The clock: the system's, unless a test sets another.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
