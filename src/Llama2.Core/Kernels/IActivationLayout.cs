namespace Llama2.Kernels;

/// <summary>How the float32 activations of a tile of eight tokens lie, as a type: both strides are constants of the compiled kernel.</summary>
internal interface IActivationLayout
{
    /// <summary>Floats from a column to the next.</summary>
    static abstract int ColumnStride { get; }

    /// <summary>Floats from a token to the next.</summary>
    static abstract int TokenStride { get; }
}
