using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Tests.Tensors;

public sealed class MatrixProductTests : IDisposable
{
    private const int ColumnCount = 1280;
    private const int TokenCapacity = 35;
    private readonly WeightMatrix _first = Random(GgmlType.Q4_0, 200);
    private readonly WeightMatrix _second = Random(GgmlType.F16, 33);
    private readonly WeightMatrix _third = Random(GgmlType.Q6_K, 129);
    private readonly Activations _input = new(TokenCapacity, ColumnCount);

    public MatrixProductTests()
    {
        var random = new Random(1);
        for (int token = 0; token < TokenCapacity; token++)
        {
            foreach (ref float x in _input[token])
            {
                x = 2 * random.NextSingle() - 1;
            }
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _third.Dispose();
        _input.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(11)]
    public void Run_ProductsTogether_EqualThemselvesAlone(int tokenCount)
    {
        using var pool = new WorkerPool(3);
        float[] first = Run(tokenCount, [_first], one => MatrixProduct.Run(pool, _input, tokenCount, one[0]));
        float[] second = Run(tokenCount, [_second], one => MatrixProduct.Run(pool, _input, tokenCount, one[0]));
        float[] third = Run(tokenCount, [_third], one => MatrixProduct.Run(pool, _input, tokenCount, one[0]));

        Run(tokenCount, [_first, _second], two => MatrixProduct.Run(pool, _input, tokenCount, two[0], two[1])).Should().Equal([.. first, .. second]);
        Run(tokenCount, [_third, _first], two => MatrixProduct.Run(pool, _input, tokenCount, two[0], two[1])).Should().Equal([.. third, .. first]);
        Run(tokenCount, [_first, _second, _third], three => MatrixProduct.Run(pool, _input, tokenCount, three[0], three[1], three[2]))
            .Should().Equal([.. first, .. second, .. third]);
        first.Should().NotContain(0).And.OnlyContain(value => float.IsFinite(value));
    }

    [Fact]
    public void Run_AnyThreadCount_GivesTheSameBits()
    {
        foreach (int tokenCount in (int[])[1, 2, 8, 11, 35])
        {
            float[]? expected = null;
            foreach (int threadCount in (int[])[1, 2, 3, 5])
            {
                using var pool = new WorkerPool(threadCount);
                float[] products = Run(
                    tokenCount, [_first, _second, _third], three => MatrixProduct.Run(pool, _input, tokenCount, three[0], three[1], three[2]));
                expected ??= products;
                products.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} threads, {1} tokens", threadCount, tokenCount);
            }
        }
    }

    // The threads divide the columns and the tiles of the input among them.
    [Fact]
    public void Run_InputInManyParts_IsReadCompletely()
    {
        using var pool = new WorkerPool(3);
        foreach (int tokenCount in (int[])[1, 7, 8, 9, 16, 35])
        {
            float[] products = Run(tokenCount, [_first, _second], two => MatrixProduct.Run(pool, _input, tokenCount, two[0], two[1]));
            float[] expected = Run(tokenCount, [_first, _second], two =>
            {
                using var input = new Activations(tokenCount, ColumnCount);
                for (int token = 0; token < tokenCount; token++)
                {
                    _input[token].CopyTo(input[token]);
                    input.Quantized.Set(token, input[token], _first.SplitsActivations);
                    input.Tiled.Set(token, input[token]);
                }

                foreach (MatrixProduct product in two)
                {
                    product.Weights.Multiply(0, product.Weights.PanelCount, input, 0, tokenCount, product.Output, accumulate: false);
                }
            });

            products.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} tokens", tokenCount);
        }
    }

    [Fact]
    public void Run_OneOfTwoAccumulates_TheOtherReplaces()
    {
        using var pool = new WorkerPool(2);
        float[] alone = Run(11, [_first, _third], two => MatrixProduct.Run(pool, _input, 11, two[0], two[1]));
        float[] twice = Run(11, [_first, _third], two =>
        {
            MatrixProduct.Run(pool, _input, 11, two[0], two[1]);
            MatrixProduct.Run(pool, _input, 11, two[0], two[1] with { Accumulate = true });
        });

        twice.Should().Equal(alone.Select((value, i) => i < 11 * 200 ? value : value + value));
    }

    [Fact]
    public void Run_InputThatChanged_IsReadAnew()
    {
        using var pool = new WorkerPool(2);
        float[] before = Run(1, [_first, _second], two => MatrixProduct.Run(pool, _input, 1, two[0], two[1]));
        foreach (ref float x in _input[0])
        {
            x *= -1;
        }

        Run(1, [_first, _second], two => MatrixProduct.Run(pool, _input, 1, two[0], two[1])).Should().Equal(before.Select(value => -value));
    }

    [Fact]
    public void Run_Again_AllocatesNothing()
    {
        using var pool = new WorkerPool(2);
        using Activations first = new(TokenCapacity, 200), second = new(TokenCapacity, 33);
        AllocationMeter.Measure(() => MatrixProduct.Run(pool, _input, TokenCapacity, new(_first, first), new MatrixProduct(_second, second))).Should().Be(0);
    }

    // The number of products in a panel may exceed 32 bits. In some of the cases it is a multiple of 2³², which would be 0 in 32 bits; in another it is
    // 11,008 × 16 × 48,771 = 2 · 2³² + 4,096.
    [Theory]
    [InlineData(32, 1, 128)]
    [InlineData(256, 1, 16)]
    [InlineData(4096, 1, 1)]
    [InlineData(4097, 1, 1)]
    [InlineData(28_672, 512, 1)]
    [InlineData(8192, 32_768, 1)]
    [InlineData(28_672, 65_536, 1)]
    [InlineData(11_008, 48_771, 1)]
    [InlineData(1 << 20, 1 << 24, 1)]
    public void MinimumPanelCount_AnySize_Is65536ProductsOrOnePanel(int columnCount, int tokenCount, int expected)
        => MatrixProduct.MinimumPanelCount(columnCount, tokenCount).Should().Be(expected);

    private static WeightMatrix Random(GgmlType type, int rowCount)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, rowCount, ColumnCount, WeightMatrixFactory.BestTier);
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            matrix.TryFill(panel, RandomBlocks.Make(type, Math.Min(16, rowCount - 16 * panel), ColumnCount, new Random(panel))).Should().BeTrue();
        }

        return matrix;
    }

    // All outputs, one product after the other.
    private static float[] Run(int tokenCount, WeightMatrix[] weights, Action<MatrixProduct[]> run)
    {
        MatrixProduct[] products = [.. weights.Select(matrix => new MatrixProduct(matrix, new Activations(tokenCount, matrix.RowCount)))];
        run(products);
        var result = new List<float>();
        foreach (MatrixProduct product in products)
        {
            for (int token = 0; token < tokenCount; token++)
            {
                result.AddRange(product.Output[token].ToArray());
            }

            product.Output.Dispose();
        }

        return [.. result];
    }
}
