namespace Llama2.Kernels;

/// <summary>For each column, the eight tokens side by side.</summary>
internal readonly struct TiledLayout : IActivationLayout
{
    public static int ColumnStride => ActivationTile.Width;

    public static int TokenStride => 1;
}
