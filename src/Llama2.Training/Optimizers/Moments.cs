using Llama2.Training.Checkpoints;
using Llama2.Training.Kernels;

namespace Llama2.Training.Optimizers;

/// <summary>The two moments that AdamW keeps for each weight of a parameter: running means of the gradient and of its square.</summary>
internal abstract class Moments : IDisposable
{
    /// <summary>Updates a block of weights and their moments, and clears the gradient. Different threads may update different blocks at the same time.</summary>
    /// <param name="start">The index of the first weight, a multiple of <see cref="AdamW.BlockLength"/>.</param>
    /// <param name="values">Weights.</param>
    /// <param name="gradient">Their gradient.</param>
    /// <param name="step">The step's constants.</param>
    public abstract void Update(long start, Span<float> values, Span<float> gradient, in AdamWStep step);

    /// <summary>Writes the moments to a checkpoint, or reads them from one.</summary>
    public abstract void Exchange(ICheckpointExchange checkpoint, string name);

    public abstract void Dispose();
}
