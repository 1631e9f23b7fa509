namespace Llama2.Kernels;

/// <summary>
/// The memory layout of the float32 activations of a tile of eight tokens. It is a type, so that both strides are constants in the compiled kernel.
/// </summary>
internal interface IActivationLayout
{
    /// <summary>The distance in floats from one column to the next.</summary>
    static abstract int ColumnStride { get; }

    /// <summary>The distance in floats from one token to the next.</summary>
    static abstract int TokenStride { get; }
}
