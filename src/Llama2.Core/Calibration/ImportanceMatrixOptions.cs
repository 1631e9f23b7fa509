using Llama2.Threading;

namespace Llama2;

/// <summary>How <see cref="ImportanceMatrixCollector.CollectAsync"/> works. Immutable; every property is checked when it is set.</summary>
public sealed record ImportanceMatrixOptions
{
    /// <summary>Tokens in a window, 2 or more; default 512. No more than the model's context.</summary>
    public int WindowLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2, nameof(WindowLength));
            field = value;
        }
    } = 512;

    /// <summary>The most windows to run, 1 or more; null (the default) runs all of the text.</summary>
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

    /// <summary>Whether the output matrix is measured too; default false, as in llama-imatrix: it is quantized to so many bits that it gains nothing.</summary>
    public bool IncludesOutput { get; init; }

    /// <summary>What the text is called in the file; null (the default) gives it no name.</summary>
    public string? Dataset { get; init; }

    /// <summary>Threads that compute, 1 to 1,024; null (the default) takes <see cref="LlamaHardware.PhysicalCoreCount"/>.</summary>
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
