namespace Llama2.Training;

/// <summary>About the bytes of memory that training takes.</summary>
/// <param name="WeightByteSize">Frozen weights, as they are packed.</param>
/// <param name="ParameterByteSize">What is trained, its gradients, and the best weights where they are kept.</param>
/// <param name="OptimizerByteSize">AdamW's moments.</param>
/// <param name="ActivationByteSize">Activations, their gradients, and the memory of products.</param>
public sealed record TrainingMemory(long WeightByteSize, long ParameterByteSize, long OptimizerByteSize, long ActivationByteSize)
{
    /// <summary>All of it.</summary>
    public long TotalByteSize => WeightByteSize + ParameterByteSize + OptimizerByteSize + ActivationByteSize;
}
