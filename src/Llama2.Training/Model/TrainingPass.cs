using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Objects and settings that all layers of a pass share.</summary>
internal sealed class TrainingPass(MatrixMultiplier multiplier)
{
    public MatrixMultiplier Multiplier => multiplier;

    public WorkerPool Pool => multiplier.Pool;

    /// <summary>The number of the pass; a backward pass has the number of its forward pass.</summary>
    public int Number { get; set; }

    /// <summary>Whether adapters are applied; without adapters, the pass computes the original model.</summary>
    public bool UsesAdapters { get; set; } = true;

    /// <summary>Whether dropout and noise are applied: true in training, false in evaluation.</summary>
    public bool IsTraining { get; set; }

    /// <summary>The seed of the dropout masks and of the noise, which is different for each batch.</summary>
    public ulong Seed { get; set; }

    /// <summary>The strength of the noise on the embeddings; see <see cref="TrainingOptions.NeftuneAlpha"/>.</summary>
    public double NeftuneAlpha { get; init; }

    /// <summary>
    /// Whether noise is added to the embeddings. A pass without adapters computes the reference of preferences, which must not be disturbed.
    /// </summary>
    public bool AddsNoise => IsTraining && UsesAdapters && NeftuneAlpha > 0;
}
