namespace Llama2;

/// <summary>How much of the adapters' change survived in the weights of a merged model. Immutable.</summary>
public sealed record AdapterMergeReport
{
    internal AdapterMergeReport(IReadOnlyList<MergedMatrix> matrices, double survival)
    {
        Matrices = matrices;
        Survival = survival;
    }

    /// <summary>
    /// The fraction of the adapters' change that is in the written weights: the sum over all changed weights of the change that was made times the change
    /// that was wanted, divided by the sum of the squares of the change that was wanted. 1 means that nothing was lost, 0 that the change is gone.
    /// Random rounding errors move the value a little, even above 1. It is 1 if the weights were written unrounded.
    /// </summary>
    public double Survival { get; }

    /// <summary>
    /// The paths of those adapters that state that they were trained with a model other than the one whose weights were changed; see
    /// <see cref="LlamaAdapter.IsTrainedOnOtherModel"/>.
    /// </summary>
    public IReadOnlyList<string> AdaptersOfOtherModels { get; internal init; } = [];

    /// <summary>The matrices that the adapters change and that were rounded, in the order of the file; those written in F32 are not listed.</summary>
    public IReadOnlyList<MergedMatrix> Matrices { get; }
}
