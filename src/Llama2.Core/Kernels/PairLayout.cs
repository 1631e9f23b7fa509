namespace Llama2.Kernels;

/// <summary>The layout of exponentials that are pairs of 16-bit integers: for each query, those of one block of positions are side by side.</summary>
internal readonly struct PairLayout : IActivationLayout
{
    public static int ColumnStride => 1;

    public static int TokenStride => Attention.BlockLength / 2;
}
