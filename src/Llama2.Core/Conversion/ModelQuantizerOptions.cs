using Llama2.Threading;

namespace Llama2;

/// <summary>How <see cref="ModelQuantizer"/> works. Immutable; every property is checked when it is set.</summary>
public sealed record ModelQuantizerOptions
{
    /// <summary>
    /// Which columns matter most, so that their errors are kept smallest; null (the default) treats all alike, which is worse for fewer than
    /// five bits a weight.
    /// </summary>
    public ImportanceMatrix? ImportanceMatrix { get; init; }

    /// <summary>
    /// Whether a tensor that is quantized already may be quantized again, which is worse than quantizing the original; default false.
    /// </summary>
    public bool AllowRequantize { get; init; }

    /// <summary>Whether all matrices get the same format, the output and the embeddings too, instead of a mix; default false.</summary>
    public bool IsPure { get; init; }

    /// <summary>Threads that compute, 1 to 1,024; null (the default) takes <see cref="LlamaHardware.PhysicalCoreCount"/>. The file is the same with any.</summary>
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
}
