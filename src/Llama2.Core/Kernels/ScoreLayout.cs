namespace Llama2.Kernels;

/// <summary>For each query, a row of the scores of one block of positions.</summary>
internal readonly struct ScoreLayout : IActivationLayout
{
    public static int ColumnStride => 1;

    public static int TokenStride => Attention.BlockLength;
}
