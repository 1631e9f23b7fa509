using Llama2.Threading;

namespace Llama2;

/// <summary>The options of <see cref="ModelQuantizer"/>. Immutable; every property is checked when it is set.</summary>
public sealed record ModelQuantizerOptions
{
    /// <summary>
    /// The importance of each column. Errors in the most important columns are kept smallest. Null (the default) treats all columns as
    /// equally important, which gives worse models in formats with fewer than five bits per weight.
    /// </summary>
    public ImportanceMatrix? ImportanceMatrix { get; init; }

    /// <summary>
    /// Whether a tensor that is already quantized may be quantized again, which loses more precision than quantizing the original weights; default
    /// false.
    /// </summary>
    public bool AllowRequantize { get; init; }

    /// <summary>
    /// Whether all matrices, including the output matrix and the embedding table, get the same format instead of a mix of formats; default false.
    /// </summary>
    public bool IsPure { get; init; }

    /// <summary>
    /// The number of threads that compute, 1 to 1,024; null (the default) uses <see cref="LlamaHardware.PhysicalCoreCount"/>. The bytes of the file do not
    /// depend on this number.
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
}
