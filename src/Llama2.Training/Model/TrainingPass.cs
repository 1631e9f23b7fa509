using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Objects and settings that all layers of a pass share.</summary>
internal sealed class TrainingPass(MatrixMultiplier multiplier)
{
    public MatrixMultiplier Multiplier => multiplier;

    public WorkerPool Pool => multiplier.Pool;

    /// <summary>Whether adapters are added; without them, the model is the original one.</summary>
    public bool UsesAdapters { get; set; } = true;

    /// <summary>Whether dropout applies: in training, not in evaluation.</summary>
    public bool DropsOut { get; set; }

    /// <summary>The seed of the dropout masks, different for each batch.</summary>
    public ulong DropoutSeed { get; set; }
}
