namespace Llama2.Kernels;

/// <summary>The layout of scores: for each query, the scores of one block of positions are side by side.</summary>
internal readonly struct ScoreLayout : IActivationLayout
{
    public static int ColumnStride => 1;

    public static int TokenStride => Attention.BlockLength;
}
