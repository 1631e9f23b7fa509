namespace Llama2.Kernels;

/// <summary>
/// The memory layout of the factors by which <see cref="AttentionKernel{TNumbers, TLayout, TTier, V}"/> multiplies keys and values, for a tile of eight rows:
/// queries or exponentials, as floats or as pairs of 16-bit integers. It is a type, so that both strides are constants in the compiled kernel.
/// </summary>
internal interface IActivationLayout
{
    /// <summary>The distance in numbers of 32 bits from one column to the next; a pair is one number.</summary>
    static abstract int ColumnStride { get; }

    /// <summary>The distance in numbers of 32 bits from one row to the next.</summary>
    static abstract int TokenStride { get; }
}
