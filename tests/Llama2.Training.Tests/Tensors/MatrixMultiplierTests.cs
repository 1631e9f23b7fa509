using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Tests;
using Llama2.Tests.Tensors;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Tensors;

public sealed class MatrixMultiplierTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);

    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 1 }, { 7, 15, 3 }, { 8, 16, 2 }, { 9, 17, 33 }, { 64, 128, 512 }, { 65, 129, 513 }, { 70, 300, 1030 }, { 3, 4200, 5 }, { 20, 2, 700 },
    };

    public static TheoryData<GgmlType> Types => RandomBlocks.Types;

    public void Dispose() => _pool.Dispose();

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Multiply_AllFourPairsOfSides_EqualsDoublePrecisionTwin(int rowCount, int columnCount, int length)
    {
        var random = new Random(1);
        double[][] rows = RandomMatrices.Values(rowCount, length, random), columns = RandomMatrices.Values(columnCount, length, random);
        foreach (KernelTier tier in WeightMatrixFactory.SupportedTiers)
        {
            using var multiplier = new MatrixMultiplier(_pool, tier);
            using Matrix rowsAsRows = RandomMatrices.Of(rows), columnsAsRows = RandomMatrices.Of(columns);
            using Matrix rowsAsColumns = RandomMatrices.Of(RandomMatrices.Transpose(rows)), columnsAsColumns = RandomMatrices.Of(RandomMatrices.Transpose(columns));
            Check(multiplier, rowsAsRows.Rows, columnsAsRows.Rows, rows, columns);
            Check(multiplier, rowsAsRows.Rows, columnsAsColumns.Columns, rows, columns);
            Check(multiplier, rowsAsColumns.Columns, columnsAsRows.Rows, rows, columns);
            Check(multiplier, rowsAsColumns.Columns, columnsAsColumns.Columns, rows, columns);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_FrozenWeights_EqualsDoublePrecisionTwinBothWays(GgmlType type)
    {
        const int Rows = 37, Columns = 512, Tokens = 19;
        var random = new Random(1);
        byte[] blocks = RandomBlocks.Make(type, Rows, Columns, random);
        float[] weights = new float[Rows * Columns];
        WeightFormats.Dequantize(type, blocks, weights);
        double[][] twin = [.. weights.Chunk(Columns).Select(row => Array.ConvertAll(row, weight => (double)weight))];
        using WeightMatrix packed = Pack(type, blocks, Rows, Columns);
        var frozen = new FrozenMatrix(packed);
        using var multiplier = new MatrixMultiplier(_pool, WeightMatrixFactory.BestTier);
        double[][] input = RandomMatrices.Values(Tokens, Columns, random), gradient = RandomMatrices.Values(Tokens, Rows, random);
        using Matrix inputMatrix = RandomMatrices.Of(input), gradientMatrix = RandomMatrices.Of(gradient);

        Check(multiplier, inputMatrix.Rows, frozen.Rows, input, twin);
        Check(multiplier, gradientMatrix.Rows, frozen.Columns, gradient, RandomMatrices.Transpose(twin));
    }

    [Fact]
    public void Multiply_AnyThreadCount_GivesTheSameBits()
    {
        var random = new Random(1);
        using Matrix rows = RandomMatrices.Of(RandomMatrices.Values(130, 1100, random)), columns = RandomMatrices.Of(RandomMatrices.Values(200, 1100, random));
        float[][]? expected = null;
        foreach (int threadCount in (int[])[1, 2, 3])
        {
            using var pool = new WorkerPool(threadCount);
            using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
            using var output = new Matrix(130, 200);
            multiplier.Multiply(rows.Rows, 130, columns.Rows, 1100, output);
            float[][] values = [.. Enumerable.Range(0, 130).Select(row => output[row].ToArray())];
            expected ??= values;
            values.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
        }
    }

    [Fact]
    public void Multiply_SecondTime_AllocatesNothing()
    {
        using Matrix rows = new(32, 64), columns = new(48, 64), output = new(32, 48);
        using var pool = new WorkerPool(1);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);

        AllocationMeter.Measure(() => multiplier.Multiply(rows.Rows, 32, columns.Rows, 64, output)).Should().Be(0);
    }

    private static WeightMatrix Pack(GgmlType type, byte[] blocks, int rowCount, int columnCount)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, rowCount, columnCount, WeightMatrixFactory.BestTier);
        int rowByteSize = blocks.Length / rowCount;
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            int row = 16 * panel, count = Math.Min(16, rowCount - row);
            matrix.TryFill(panel, blocks.AsSpan(row * rowByteSize, count * rowByteSize)).Should().BeTrue();
        }

        return matrix;
    }

    // The error of a float32 sum of n products is at most n · 2⁻²⁴ · Σ|products|; in practice the factor is about √n instead of n. The bound with n/8
    // is generous and still far below the effect of any fault.
    private static void Check(MatrixMultiplier multiplier, Factor rows, Factor columns, double[][] rowVectors, double[][] columnVectors)
    {
        int length = rowVectors[0].Length;
        using var output = new Matrix(rowVectors.Length, columnVectors.Length);
        foreach (int factor in (int[])[1, 2])
        {
            multiplier.Multiply(rows, rowVectors.Length, columns, length, output, accumulate: factor == 2);
            for (int row = 0; row < rowVectors.Length; row++)
            {
                for (int column = 0; column < columnVectors.Length; column++)
                {
                    double sum = 0, size = 0;
                    for (int i = 0; i < length; i++)
                    {
                        double product = rowVectors[row][i] * columnVectors[column][i];
                        sum += product;
                        size += Math.Abs(product);
                    }

                    double tolerance = (4 + length / 8.0) * Math.Pow(2, -24) * size * factor + 1e-30;
                    Math.Abs(output[row][column] - factor * sum).Should().BeLessThanOrEqualTo(tolerance, $"row {row}, column {column} of {rowVectors.Length} × {columnVectors.Length} × {length}");
                }
            }
        }
    }
}
