using Llama2.Memory;
using Llama2.Training.Tensors;

namespace Llama2.Training.Checkpoints;

/// <summary>A checkpoint that is written or read: what is exchanged with it, in one order, is the same both ways.</summary>
internal interface ICheckpointExchange
{
    /// <summary>Writes numbers, or replaces them by those of the checkpoint.</summary>
    void Exchange(string name, AlignedBuffer<float> numbers);

    /// <summary>Writes bytes, or replaces them by those of the checkpoint.</summary>
    void Exchange(string name, AlignedBuffer<byte> bytes);

    /// <summary>Writes a matrix, or replaces its numbers by those of the checkpoint.</summary>
    void Exchange(string name, Matrix matrix);
}
