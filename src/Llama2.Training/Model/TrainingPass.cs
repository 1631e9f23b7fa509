using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Objects and settings that all layers of a pass share.</summary>
internal sealed class TrainingPass(MatrixMultiplier multiplier)
{
    public MatrixMultiplier Multiplier => multiplier;

    public WorkerPool Pool => multiplier.Pool;

    /// <summary>Whether adapters are applied; without adapters, the pass computes the original model.</summary>
    public bool UsesAdapters { get; set; } = true;

    /// <summary>Whether dropout is applied: true in training, false in evaluation.</summary>
    public bool DropsOut { get; set; }

    /// <summary>The seed of the dropout masks, which is different for each batch.</summary>
    public ulong DropoutSeed { get; set; }
}
