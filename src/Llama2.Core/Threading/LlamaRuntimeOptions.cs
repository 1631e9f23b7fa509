using Llama2.Threading;

namespace Llama2;

/// <summary>What a <see cref="LlamaRuntime"/> computes with. Immutable; every property is checked when it is set.</summary>
public sealed record LlamaRuntimeOptions
{
    /// <summary>
    /// Threads that compute a pass together, 1 to 1,024; null (the default) takes <see cref="LlamaHardware.PhysicalCoreCount"/>, or 1 if
    /// <see cref="UsesCallingThreads"/> is set. <see cref="LlamaRuntime.ThreadCount"/> changes it.
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
    /// Whether a model computes on the threads of its callers instead of a thread of its own: whoever awaits the next update of a generation, or any
    /// other result, computes the passes until it is there. Default false. For processes that must not start threads; with
    /// <see cref="ThreadCount"/> 1 nothing does. Texts are the same. Nothing is computed while nobody awaits a result, and a generation whose reader
    /// stopped reading is ended when the model is next used.
    /// </summary>
    public bool UsesCallingThreads { get; init; }

    /// <summary>The clock; the system's, unless a test has another.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
