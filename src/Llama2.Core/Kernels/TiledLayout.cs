namespace Llama2.Kernels;

/// <summary>The layout of activations: for each column, the activations of the eight tokens are side by side.</summary>
internal readonly struct TiledLayout : IActivationLayout
{
    public static int ColumnStride => ActivationTile.Width;

    public static int TokenStride => 1;
}
