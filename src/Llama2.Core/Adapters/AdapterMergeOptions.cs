using Llama2.Model;
using Llama2.Threading;

namespace Llama2;

/// <summary>How adapters are merged into a model. Immutable; every property is checked when it is set.</summary>
public sealed record AdapterMergeOptions
{
    /// <summary>The default of <see cref="MinSurvival"/>.</summary>
    public const double DefaultMinSurvival = 0.9;

    /// <summary>
    /// The format, or mix of formats, of the weights, as <see cref="ModelQuantizer"/> writes it. If null (the default), matrices that the adapters
    /// change are written in their own type, or in F16 if that type is quantized, and all other tensors are copied bit for bit.
    /// </summary>
    public ModelQuantization? Quantization
    {
        get;
        init
        {
            if (value is { } defined)
            {
                ModelQuantizations.Require(defined, nameof(Quantization));
            }

            field = value;
        }
    }

    /// <summary>
    /// Whether matrices that are already quantized, and that the adapters do not change, may be quantized again, which loses more precision than
    /// quantizing the original weights; default false.
    /// </summary>
    public bool AllowRequantize { get; init; }

    /// <summary>The importance of each column for quantizing; null (the default) treats all columns as equally important.</summary>
    public ImportanceMatrix? ImportanceMatrix { get; init; }

    /// <summary>How weights are rounded; default <see cref="MergeRounding.ForAdapters"/>.</summary>
    public MergeRounding Rounding
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Rounding), value, $"The rounding must be one of {string.Join(", ", Enum.GetNames<MergeRounding>())}.");
    }

    /// <summary>
    /// The minimum fraction of the adapters' change that must survive in the written weights, 0 to 1; default 0.9. If less survives, nothing is written and
    /// an <see cref="AdapterMergeException"/> is thrown. 0 accepts any loss.
    /// </summary>
    public double MinSurvival
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MinSurvival), value, "The minimum fraction that must survive is 0 to 1.");
    } = DefaultMinSurvival;

    /// <summary>
    /// The number of threads that compute, 1 to 1,024; null (the default) uses <see cref="LlamaHardware.PhysicalCoreCount"/>. The bytes of the file do
    /// not depend on this number.
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
