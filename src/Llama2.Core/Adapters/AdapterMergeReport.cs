namespace Llama2;

/// <summary>What survived of the adapters' change in the weights of a merged model. Immutable.</summary>
public sealed record AdapterMergeReport
{
    internal AdapterMergeReport(IReadOnlyList<MergedMatrix> matrices, double survival)
    {
        Matrices = matrices;
        Survival = survival;
    }

    /// <summary>
    /// The part of the adapters' change that is in the written weights: the sum over all changed weights of the change that was made times the change
    /// that was wanted, divided by the sum of the squares of the change that was wanted. 1 means that nothing was lost, 0 that the change is gone.
    /// Random rounding errors move the value a little, also above 1. It is 1 if the weights were written unrounded.
    /// </summary>
    public double Survival { get; }

    /// <summary>
    /// The paths of those adapters that state that they were trained with another model than that whose weights were changed; see
    /// <see cref="LlamaAdapter.IsTrainedOnOtherModel"/>.
    /// </summary>
    public IReadOnlyList<string> AdaptersOfOtherModels { get; internal init; } = [];

    /// <summary>The matrices that the adapters change and that were rounded, in the order of the file; those written in F32 are not listed.</summary>
    public IReadOnlyList<MergedMatrix> Matrices { get; }
}
