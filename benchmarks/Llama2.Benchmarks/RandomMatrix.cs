using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Benchmarks;

/// <summary>Matrices for measurements: random weights in the shapes of TinyLlama's feed-forward network, and random activations.</summary>
internal static class RandomMatrix
{
    public const int RowCount = 5632;
    public const int ColumnCount = 2048;

    public static WeightMatrix Create(GgmlType type, KernelTier tier, int seed)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, RowCount, ColumnCount, tier);
        byte[] rows = Panel(type, seed);
        Parallel.For(0, matrix.PanelCount, panel => Fill(matrix, panel, rows));
        return matrix;
    }

    /// <summary>The rows of one panel, as a file stores them.</summary>
    public static byte[] Panel(GgmlType type, int seed)
    {
        byte[] rows = new byte[GgmlTypes.RowByteSize(type, ColumnCount) * WeightMatrix.PanelRowCount];
        RandomWeights.Fill(type, 0.02f, isNorm: false, rows, new Random(seed));
        return rows;
    }

    public static void Fill(WeightMatrix matrix, byte[] rows)
    {
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            Fill(matrix, panel, rows);
        }
    }

    public static void Fill(Activations activations, int tokenCount)
    {
        var random = new Random(1);
        for (int token = 0; token < tokenCount; token++)
        {
            Fill(activations[token], random);
        }
    }

    public static float[] Values(int length)
    {
        float[] values = new float[length];
        Fill(values, new Random(length));
        return values;
    }

    private static void Fill(WeightMatrix matrix, int panel, byte[] rows)
    {
        if (!matrix.TryFill(panel, rows))
        {
            throw new InvalidOperationException($"Random weights of {matrix.Type} are not finite.");
        }
    }

    private static void Fill(Span<float> values, Random random)
    {
        foreach (ref float value in values)
        {
            value = random.NextSingle() - 0.5f;
        }
    }
}
