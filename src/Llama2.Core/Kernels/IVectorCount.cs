namespace Llama2.Kernels;

/// <summary>The number of vectors of a panel that <see cref="AttentionKernel{TNumbers, TLayout, TTier, V}"/> multiplies at once. Each number is a type of its own.</summary>
internal interface IVectorCount
{
    static abstract int VectorCount { get; }
}
