namespace Llama2.Training;

/// <summary>The approximate memory that training takes, in bytes.</summary>
/// <param name="WeightByteSize">The frozen weights, in the form in which they are packed in memory.</param>
/// <param name="ParameterByteSize">The trained weights, their gradients, and the weights with the smallest validation loss and the original weights if they are kept.</param>
/// <param name="OptimizerByteSize">AdamW's moments.</param>
/// <param name="ActivationByteSize">The activations, their gradients, and buffers for products.</param>
public sealed record TrainingMemory(long WeightByteSize, long ParameterByteSize, long OptimizerByteSize, long ActivationByteSize)
{
    /// <summary>Whether each layer's activations are kept for the backward pass, so that they are not computed twice.</summary>
    public bool KeepsActivations { get; init; }

    /// <summary>
    /// The .NET runtime, its libraries, the compiled code and the managed heap. They take about the same for any model; data of many megabytes add their own size.
    /// </summary>
    public long RuntimeByteSize { get; init; }

    /// <summary>The total: the memory of a process that does nothing but train.</summary>
    public long TotalByteSize => WeightByteSize + ParameterByteSize + OptimizerByteSize + ActivationByteSize + RuntimeByteSize;
}
