using System.Runtime.Intrinsics.X86;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Quantization;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Quantization;

public sealed class NormalFloatTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);

    [Fact]
    public void Values_AreThePapersTable()
    {
        // Appendix E of arXiv 2305.14314.
        float[] paper =
        [
            -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
            0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f,
        ];

        NormalFloat4.Values.ToArray().Should().Equal(paper);
    }

    [Fact]
    public void Values_AreQuantilesOfTheNormalDistribution()
    {
        // The expected values are computed as in bitsandbytes: nine quantiles of probabilities from ½ to the offset, eight from 1 − the offset to ½,
        // with the common value zero only once, all scaled to a maximum of 1.
        const double Offset = 0.9677083;
        double[] positive = [.. Enumerable.Range(0, 8).Select(i => Quantile(Offset + i * (0.5 - Offset) / 8))];
        double[] negative = [.. Enumerable.Range(0, 7).Select(i => -Quantile(Offset + i * (0.5 - Offset) / 7))];
        double[] expected = [.. negative.Append(0).Concat(positive).Order().Select(value => value / positive.Max())];

        for (int i = 0; i < expected.Length; i++)
        {
            // The published table was computed in float32, so it differs from the expected values by some units in the last place.
            ((double)NormalFloat4.Values[i]).Should().BeApproximately(expected[i], 2e-6);
        }
    }

    [Fact]
    public void IndexOf_AnyWeight_IsTheNearestValue()
    {
        for (int i = -2000; i <= 2000; i++)
        {
            float weight = i / 2000f;
            double nearest = NormalFloat4.Values.ToArray().Min(value => Math.Abs((double)value - weight));

            Math.Abs((double)NormalFloat4.Values[NormalFloat4.IndexOf(weight)] - weight).Should().BeApproximately(nearest, 1e-7);
        }
    }

    [Fact]
    public void Decode_AnyRegisterWidth_GivesTheSameBits()
    {
        byte[] codes = new byte[8 * 37];
        new Random(1).NextBytes(codes);
        float[] scales = [.. Enumerable.Range(1, 16).Select(row => row / 7f)], expected = new float[16 * 37], wide = new float[expected.Length], half = new float[expected.Length];

        NormalFloatDecoder.DecodeScalar(codes, scales, expected);
        NormalFloatDecoder.Decode256(codes, scales, half);
        if (Avx512F.IsSupported)
        {
            NormalFloatDecoder.Decode512(codes, scales, wide);
            wide.Should().Equal(expected);
        }

        half.Should().Equal(expected);
    }

    [Theory]
    [InlineData(16, 64)]
    [InlineData(1, 32)]
    [InlineData(17, 96)]
    [InlineData(40, 1088)]
    [InlineData(5, 2048)]
    public void Decode_OfQuantizedWeights_IsWhatAScalarTwinGives(int rowCount, int columnCount)
    {
        float[][] weights = Gaussian(rowCount, columnCount, seed: 3);
        weights[0].AsSpan(0, Math.Min(64, columnCount)).Clear();
        using WeightMatrix source = Fill(weights);
        using var matrix = new NormalFloatMatrix(source, _pool);

        float[][] actual = Decode(matrix);

        float[][] expected = Twin(weights);
        for (int row = 0; row < rowCount; row++)
        {
            actual[row].Should().Equal(expected[row], $"row {row}");
        }
    }

    [Fact]
    public void ByteSize_IsThePapersBitsAWeight()
    {
        const int RowCount = 256, ColumnCount = 4096;
        using WeightMatrix source = Fill(Gaussian(RowCount, ColumnCount, seed: 4));
        using var matrix = new NormalFloatMatrix(source, _pool);

        (matrix.ByteSize * 8.0 / (RowCount * ColumnCount)).Should().BeApproximately(4.127, 0.0005);
        matrix.ByteSize.Should().Be(NormalFloatMatrix.ByteSizeFor(RowCount, ColumnCount));
        NormalFloatMatrix.ByteSizeFor(11_008, 4096).Should().Be(11_008L * 4096 * 4 / 8 + 11_008 * 64 + 11_008 / 16 * 4 * 4);
    }

    [Fact]
    public void Quantization_OfGaussianWeights_HasTheErrorThatItIsKnownFor()
    {
        const int RowCount = 64, ColumnCount = 8192;
        float[][] weights = Gaussian(RowCount, ColumnCount, seed: 5);
        using WeightMatrix source = Fill(weights);
        using var matrix = new NormalFloatMatrix(source, _pool);
        float[][] decoded = Decode(matrix);

        double mean = 0, square = 0;
        for (int row = 0; row < RowCount; row++)
        {
            for (int column = 0; column < ColumnCount; column++)
            {
                double error = weights[row][column] - (double)decoded[row][column];
                mean += Math.Abs(error) / (RowCount * ColumnCount);
                square += error * error / (RowCount * ColumnCount);
            }
        }

        // For NF4 with blocks of 64, the tests of bitsandbytes state a mean absolute error of 0.0728 for weights with a standard deviation of 1;
        // 8-bit scales add little to this error.
        mean.Should().BeApproximately(0.0728, 0.001);
        Math.Sqrt(square).Should().BeLessThan(0.1);
    }

    [Fact]
    public void Projection_ForwardAndBackward_IsThatOfTheDecodedWeightsInFloat64()
    {
        const int RowCount = 72, ColumnCount = 160, TokenCount = 5;
        using WeightMatrix source = Fill(Gaussian(RowCount, ColumnCount, seed: 6));
        using var matrix = new NormalFloatMatrix(source, _pool);
        using var multiplier = new MatrixMultiplier(_pool, LlamaHardware.ChooseTier());
        using var projection = new FrozenProjection(matrix, quantizesActivations: true);
        var pass = new TrainingPass(multiplier);
        using Matrix input = Random(TokenCount, ColumnCount, 7), gradient = Random(TokenCount, RowCount, 8), output = new(TokenCount, RowCount), inputGradient = new(TokenCount, ColumnCount);
        float[][] weights = Decode(matrix);

        projection.Forward(pass, input, output, TokenCount);
        projection.Backward(pass, input, gradient, inputGradient, TokenCount);

        for (int token = 0; token < TokenCount; token++)
        {
            for (int row = 0; row < RowCount; row++)
            {
                double expected = 0;
                for (int column = 0; column < ColumnCount; column++)
                {
                    expected += (double)input[token][column] * weights[row][column];
                }

                // The tolerance is that of a sum of 160 products of about 1, rounded in float32.
                ((double)output[token][row]).Should().BeApproximately(expected, 1e-4);
            }

            for (int column = 0; column < ColumnCount; column++)
            {
                double expected = 0;
                for (int row = 0; row < RowCount; row++)
                {
                    expected += (double)gradient[token][row] * weights[row][column];
                }

                ((double)inputGradient[token][column]).Should().BeApproximately(expected, 1e-4);
            }
        }
    }

    public void Dispose() => _pool.Dispose();

    private static float[][] Gaussian(int rowCount, int columnCount, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rowCount).Select(_ => Enumerable.Range(0, columnCount).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))).ToArray())];
    }

    private static Matrix Random(int rowCount, int columnCount, int seed)
    {
        float[][] numbers = Gaussian(rowCount, columnCount, seed);
        var matrix = new Matrix(rowCount, columnCount);
        for (int row = 0; row < rowCount; row++)
        {
            numbers[row].CopyTo(matrix[row]);
        }

        return matrix;
    }

    private static WeightMatrix Fill(float[][] weights)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(GgmlType.F32, weights.Length, weights[0].Length, KernelTier.Portable);
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            byte[] rows = [.. weights.Skip(panel * 16).Take(16).SelectMany(row => row.SelectMany(BitConverter.GetBytes))];
            matrix.TryFill(panel, rows).Should().BeTrue();
        }

        return matrix;
    }

    private static float[][] Decode(NormalFloatMatrix matrix)
    {
        float[][] rows = [.. Enumerable.Range(0, matrix.RowCount).Select(_ => new float[matrix.ColumnCount])];
        float[] panel = new float[16 * matrix.ColumnCount];
        for (int i = 0; i < matrix.PanelCount; i++)
        {
            matrix.Decode(i, 0, matrix.ColumnCount, panel);
            for (int row = 16 * i; row < Math.Min(matrix.RowCount, 16 * i + 16); row++)
            {
                for (int column = 0; column < matrix.ColumnCount; column++)
                {
                    rows[row][column] = panel[16 * column + row % 16];
                }
            }
        }

        return rows;
    }

    // The reference implementation works weight by weight: blocks of 64, and scales relative to their mean in groups of 16 rows × 16 blocks.
    private static float[][] Twin(float[][] weights)
    {
        int rowCount = weights.Length, columnCount = weights[0].Length;
        float[][] decoded = [.. weights.Select(row => new float[columnCount])];
        for (int firstRow = 0; firstRow < rowCount; firstRow += 16)
        {
            for (int firstColumn = 0; firstColumn < columnCount; firstColumn += 1024)
            {
                (int Row, int Column)[] blocks =
                [
                    .. from column in Enumerable.Range(0, 16).Select(block => firstColumn + 64 * block)
                       where column < columnCount
                       from row in Enumerable.Range(firstRow, Math.Min(16, rowCount - firstRow))
                       select (row, column),
                ];
                float[] scales = [.. blocks.Select(block => weights[block.Row].Skip(block.Column).Take(64).Max(MathF.Abs))];
                float mean = Truncate((float)(scales.Sum(scale => (double)scale) / scales.Length), up: false, nearest: true), greatest = scales.Max(scale => MathF.Abs(scale - mean));
                float step = Truncate(greatest / 127, up: false, nearest: true);
                step = step * 127 < greatest ? Truncate(greatest / 127, up: true, nearest: false) : step;
                for (int i = 0; i < blocks.Length; i++)
                {
                    float scale = step == 0 ? mean : MathF.Round((scales[i] - mean) / step) * step + mean;
                    for (int column = blocks[i].Column; column < Math.Min(columnCount, blocks[i].Column + 64); column++)
                    {
                        float weight = scales[i] == 0 ? 0 : weights[blocks[i].Row][column] / scales[i];
                        decoded[blocks[i].Row][column] = NormalFloat4.Values.ToArray().MinBy(value => Math.Abs((double)value - weight)) * scale;
                    }
                }
            }
        }

        return decoded;
    }

    // A bfloat16 number beside a positive number: the next one above it, the nearest one, or the next one below it.
    private static float Truncate(float value, bool up, bool nearest)
    {
        float below = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF_0000), above = BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) & 0xFFFF_0000) + 0x1_0000);
        return up ? above : nearest && above - value < value - below ? above : below;
    }

    // The inverse of the normal distribution function, found by bisection; the distribution function is integrated by Simpson's rule.
    private static double Quantile(double probability)
    {
        double low = 0, high = 4;
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = 0.5 + Integral(middle) < probability ? (middle, high) : (low, middle);
        }

        return low;
    }

    private static double Integral(double end)
    {
        const int Count = 2000;
        double sum = 0, width = end / Count;
        for (int i = 0; i <= Count; i++)
        {
            double x = i * width;
            sum += (i is 0 or Count ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        }

        return sum * width / 3;
    }
}
