using Llama2.Threading;

namespace Llama2;

/// <summary>The options of <see cref="ImportanceMatrixCollector.CollectAsync"/>. Immutable; every property is checked when it is set.</summary>
public sealed record ImportanceMatrixOptions
{
    /// <summary>The number of tokens in a window, from 2 to the model's context length; default 512.</summary>
    public int WindowLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2, nameof(WindowLength));
            field = value;
        }
    } = 512;

    /// <summary>The maximum number of windows that the model reads, 1 or more; null (the default) uses the whole text.</summary>
    public int? MaxWindowCount
    {
        get;
        init
        {
            if (value is int count)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(MaxWindowCount));
            }

            field = value;
        }
    }

    /// <summary>
    /// Whether the output matrix is measured too. Default false, as in llama-imatrix, because this matrix is usually quantized to so many bits that
    /// its measurement has no benefit.
    /// </summary>
    public bool IncludeOutput { get; init; }

    /// <summary>A name for the text. The name is written to the file; null (the default) for no name.</summary>
    public string? Dataset { get; init; }

    /// <summary>The number of threads that compute, 1 to 1,024; null (the default) uses <see cref="LlamaHardware.PhysicalCoreCount"/>.</summary>
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
