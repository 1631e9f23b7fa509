namespace Llama2.Kernels;

/// <summary>The layout of queries: for each column, the elements, or pairs of elements, of the eight rows are side by side.</summary>
internal readonly struct TiledLayout : IActivationLayout
{
    public static int ColumnStride => ActivationTile.Width;

    public static int TokenStride => 1;
}
