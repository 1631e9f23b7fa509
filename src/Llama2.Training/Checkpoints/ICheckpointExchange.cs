using Llama2.Memory;
using Llama2.Training.Tensors;

namespace Llama2.Training.Checkpoints;

/// <summary>A checkpoint that is being written or read. The same calls, in the same order, write a checkpoint or read it.</summary>
internal interface ICheckpointExchange
{
    /// <summary>Writes numbers, or replaces them by those in the checkpoint.</summary>
    void Exchange(string name, AlignedBuffer<float> numbers);

    /// <summary>Writes bytes, or replaces them by those in the checkpoint.</summary>
    void Exchange(string name, AlignedBuffer<byte> bytes);

    /// <summary>Writes a matrix, or replaces its numbers by those in the checkpoint.</summary>
    void Exchange(string name, Matrix matrix);
}
