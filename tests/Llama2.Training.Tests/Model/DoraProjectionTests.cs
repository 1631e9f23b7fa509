using Llama2.Quantization;
using Llama2.Sampling;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Model;

public sealed class DoraProjectionTests : IDisposable
{
    private const int InputLength = 40, OutputLength = 24, TokenCount = 11, Rank = 5;
    private const ulong LayerSeed = 3, BatchSeed = 77;
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;
    private readonly LoraWorkspace _workspace = new(TokenCount);
    private readonly double[][] _weights, _down, _up;

    public DoraProjectionTests()
    {
        _multiplier = new(_pool, WeightMatrixFactory.BestTier);
        var random = new Random(1);
        _weights = RandomMatrices.Values(OutputLength, InputLength, random);
        (_down, _up) = (RandomMatrices.Values(Rank, InputLength, random), RandomMatrices.Values(OutputLength, Rank, random));
        Array.Clear(_weights[3]);
        Array.Clear(_up[3]);
    }

    public void Dispose()
    {
        _workspace.Dispose();
        _multiplier.Dispose();
        _pool.Dispose();
    }

    // The norms are constants for the gradients, so the central differences are those of a function with constant norms.
    [Theory]
    [InlineData(0)]
    [InlineData(0.25f)]
    public void Backward_IsTheCentralDifferenceOfTheTwin(float dropout)
    {
        var random = new Random(2);
        double[][] input = RandomMatrices.Values(TokenCount, InputLength, random), cotangent = RandomMatrices.Values(TokenCount, OutputLength, random), before = RandomMatrices.Values(TokenCount, InputLength, random);
        double[][] magnitudes = [[.. Enumerable.Range(0, OutputLength).Select(_ => 0.5 + random.NextDouble())]];
        using WeightMatrix frozen = Pack(_weights, out _);
        using DoraProjection projection = Create(frozen, dropout);
        Fill(projection.Magnitude.Values, magnitudes);
        var pass = new TrainingPass(_multiplier) { IsTraining = true, Seed = BatchSeed };
        using Matrix x = RandomMatrices.Of(input), y = new(TokenCount, OutputLength), dy = RandomMatrices.Of(cotangent), dx = RandomMatrices.Of(before);

        projection.Forward(pass, x, y, TokenCount);
        projection.Backward(pass, x, dy, dx, TokenCount, accumulate: true);

        double[] norms = Norms(1.5);
        double[][] mask = Mask(dropout);
        double[][] Twin() => [.. input.Select((row, token) =>
        {
            double[] kept = [.. row.Zip(mask[token], (value, factor) => value * factor)], rest = [.. row.Zip(kept, (value, own) => value - own)];
            return Adapted(1.5).Select((adapted, i) => Dot(_weights[i], rest) + (norms[i] == 0 ? 0 : magnitudes[0][i] / norms[i] * Dot(adapted, kept))).ToArray();
        })];
        double Loss() => GradientCheck.Dot(cotangent, Twin());
        Parameter[] parameters = [.. projection.Parameters];
        y.ShouldBeNear(Twin(), "output");
        parameters[0].Gradient.ShouldBeNear(GradientCheck.CentralDifferences(Loss, _down), "gradient of A");
        parameters[1].Gradient.ShouldBeNear(GradientCheck.CentralDifferences(Loss, _up), "gradient of B");
        parameters[2].Gradient.ShouldBeNear(GradientCheck.CentralDifferences(Loss, magnitudes), "gradient of the magnitudes");
        double[][] inputGradient = GradientCheck.CentralDifferences(Loss, input);
        dx.ShouldBeNear([.. inputGradient.Zip(before, (row, old) => row.Zip(old, (value, added) => value + added).ToArray())], "gradient of the input, added to the previous values");
        Array.ForEach(parameters, parameter => parameter.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Forward_InitialMagnitudes_ChangesNothing(bool usesAdapters)
    {
        double[][] input = RandomMatrices.Values(TokenCount, InputLength, new Random(2));
        using WeightMatrix frozen = Pack(_weights, out _);
        using DoraProjection projection = Create(frozen);
        projection.InitializeMagnitudes(_multiplier);
        var pass = new TrainingPass(_multiplier) { UsesAdapters = usesAdapters };
        using Matrix x = RandomMatrices.Of(input), y = new(TokenCount, OutputLength);

        projection.Forward(pass, x, y, TokenCount);

        projection.Magnitude.Values.ShouldBeNear([Norms(1.5)], "magnitudes");
        y.ShouldBeNear([.. input.Select(row => Adapted(usesAdapters ? 1.5 : 0).Select(adapted => Dot(adapted, row)).ToArray())], "output");
        projection.Parameters.ToList().ForEach(parameter => parameter.Dispose());
    }

    [Theory]
    [InlineData(GgmlType.F32, 40, 24, 1)]
    [InlineData(GgmlType.F32, 300, 33, 3)]
    [InlineData(GgmlType.Q8_0, 544, 20, 4)]
    [InlineData(GgmlType.Q4_K, 768, 16, 17)]
    public void AdaptedRowNorms_AnyFactor_AreThoseOfTheDecodedRows(GgmlType type, int columnCount, int rowCount, int rank)
    {
        var random = new Random(3);
        double[][] down = RandomMatrices.Values(rank, columnCount, random), up = RandomMatrices.Values(rowCount, rank, random);
        using WeightMatrix weights = Pack(RandomMatrices.Values(rowCount, columnCount, random), out float[][] decoded, type);
        using Matrix a = RandomMatrices.Of(down), b = RandomMatrices.Of(up);
        var norms = new AdaptedRowNorms(rowCount);

        norms.Compute(_pool, weights, a.Activations, b.Activations, rank);

        foreach (double factor in (double[])[0, 0.3, 1, -2])
        {
            for (int row = 0; row < rowCount; row++)
            {
                double square = 0;
                for (int column = 0; column < columnCount; column++)
                {
                    double value = decoded[row][column] + factor * Enumerable.Range(0, rank).Sum(i => up[row][i] * down[i][column]);
                    square += value * value;
                }

                norms[row, factor].Should().BeApproximately(Math.Sqrt(square), 2e-6 * Math.Sqrt(square), $"of row {row} and factor {factor}");
            }
        }
    }

    private DoraProjection Create(WeightMatrix frozen, float dropout = 0)
    {
        var options = new LoraOptions { Rank = Rank, Alpha = 7.5f, Dropout = dropout };
        var shape = new LoraShape(options.Rank, options.Alpha, options.Scale);
        var projection = new DoraProjection(new FrozenProjection(frozen, quantizesActivations: false), frozen, "q", shape, options, LayerSeed, _workspace.DirectionsOf("q", OutputLength), _workspace);
        Fill(projection.Directions.A.Values, _down);
        Fill(projection.Directions.B.Values, _up);
        return projection;
    }

    // The dropout mask of this batch and layer, by which the layer multiplies its input.
    private double[][] Mask(float dropout)
    {
        using Matrix ones = RandomMatrices.Of([.. Enumerable.Range(0, TokenCount).Select(_ => Enumerable.Repeat(1.0, InputLength).ToArray())]), mask = new(TokenCount, InputLength);
        DropoutOperation.Forward(_pool, ones, dropout, new RandomSource(BatchSeed ^ LayerSeed).NextUInt64(), mask, TokenCount);
        return [.. Enumerable.Range(0, TokenCount).Select(token => Array.ConvertAll(mask[token].ToArray(), value => (double)value))];
    }

    private double[][] Adapted(double scale)
        => [.. _weights.Zip(_up, (row, factors) => row.Select((weight, column) => weight + scale * factors.Select((factor, i) => factor * _down[i][column]).Sum()).ToArray())];

    private double[] Norms(double scale) => Array.ConvertAll(Adapted(scale), row => Math.Sqrt(Dot(row, row)));

    private static double Dot(double[] left, double[] right) => left.Zip(right, (first, second) => first * second).Sum();

    private static void Fill(Matrix matrix, double[][] values)
    {
        for (int row = 0; row < values.Length; row++)
        {
            Array.ConvertAll(values[row], value => (float)value).CopyTo(matrix[row]);
        }
    }

    private static WeightMatrix Pack(double[][] values, out float[][] decoded, GgmlType type = GgmlType.F32)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, values.Length, values[0].Length, WeightMatrixFactory.BestTier);
        byte[][] rows = [.. values.Select(row => Encode(type, Array.ConvertAll(row, value => (float)value)))];
        decoded = Array.ConvertAll(rows, row =>
        {
            float[] weights = new float[matrix.ColumnCount];
            WeightFormats.Dequantize(type, row, weights);
            return weights;
        });
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            matrix.TryFill(panel, rows[(16 * panel)..Math.Min(rows.Length, 16 * panel + 16)].SelectMany(row => row).ToArray()).Should().BeTrue();
        }

        return matrix;
    }

    private static byte[] Encode(GgmlType type, float[] row)
    {
        byte[] bytes = new byte[row.Length / GgmlTypes.BlockLength(type) * GgmlTypes.BlockByteSize(type)];
        WeightFormats.Of(type).CreateEncoder().TryEncode(row, importance: [], bytes).Should().BeTrue();
        return bytes;
    }
}
