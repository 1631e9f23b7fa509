using System.Runtime.InteropServices;
using Llama2.Sampling;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Model;

public sealed class LoraProjectionTests : IDisposable
{
    private const int InputLength = 40, OutputLength = 24, TokenCount = 11;
    private const ulong LayerSeed = 3, BatchSeed = 77;
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;

    public LoraProjectionTests() => _multiplier = new(_pool, WeightMatrixFactory.BestTier);

    public void Dispose()
    {
        _multiplier.Dispose();
        _pool.Dispose();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.25f, false)]
    [InlineData(0, true)]
    [InlineData(0.5f, true)]
    public void Backward_IsTheCentralDifferenceOfTheTwin(float dropout, bool isRankStabilized)
    {
        var random = new Random(1);
        var options = new LoraOptions { Rank = 6, Alpha = 9, Dropout = dropout, UseRankStabilization = isRankStabilized };
        double[][] weights = RandomMatrices.Values(OutputLength, InputLength, random), input = RandomMatrices.Values(TokenCount, InputLength, random);
        double[][] down = RandomMatrices.Values(6, InputLength, random), up = RandomMatrices.Values(OutputLength, 6, random);
        double[][] cotangent = RandomMatrices.Values(TokenCount, OutputLength, random), before = RandomMatrices.Values(TokenCount, InputLength, random);
        using WeightMatrix frozen = Pack(weights);
        using var workspace = new LoraWorkspace(TokenCount);
        using var projection = new LoraProjection(new FrozenProjection(frozen, quantizesActivations: false), "q", new LoraShape(options.Rank, options.Alpha, options.Scale), options, LayerSeed, workspace);
        using Parameter a = projection.A, b = projection.B;
        Fill(a.Values, down);
        Fill(b.Values, up);
        var pass = new TrainingPass(_multiplier) { IsTraining = true, Seed = BatchSeed };
        using Matrix x = RandomMatrices.Of(input), y = new(TokenCount, OutputLength), dy = RandomMatrices.Of(cotangent), dx = RandomMatrices.Of(before);

        projection.Forward(pass, x, y, TokenCount);
        projection.Backward(pass, x, dy, dx, TokenCount, accumulate: true);

        double scale = isRankStabilized ? 9 / Math.Sqrt(6) : 9 / 6.0;
        double[][] mask = Mask(dropout);
        double[][] Twin() => [.. input.Select((row, token) =>
        {
            double[] kept = [.. row.Zip(mask[token], (value, factor) => value * factor)], low = Apply(down, kept);
            return Apply(weights, row).Zip(Apply(up, low), (whole, change) => whole + scale * change).ToArray();
        })];
        double Loss() => GradientCheck.Dot(cotangent, Twin());
        y.ShouldBeNear(Twin(), "output");
        a.Gradient.ShouldBeNear(GradientCheck.CentralDifferences(Loss, down), "gradient of A");
        b.Gradient.ShouldBeNear(GradientCheck.CentralDifferences(Loss, up), "gradient of B");
        double[][] inputGradient = GradientCheck.CentralDifferences(Loss, input);
        dx.ShouldBeNear([.. inputGradient.Zip(before, (row, old) => row.Zip(old, (value, added) => value + added).ToArray())], "gradient of the input, added to the previous values");
    }

    private static double[] Apply(double[][] matrix, double[] vector) => [.. matrix.Select(row => row.Zip(vector, (left, right) => left * right).Sum())];

    // The dropout mask of this batch and layer, by which the layer multiplies its input.
    private double[][] Mask(float dropout)
    {
        using Matrix ones = RandomMatrices.Of([.. Enumerable.Range(0, TokenCount).Select(_ => Enumerable.Repeat(1.0, InputLength).ToArray())]), mask = new(TokenCount, InputLength);
        DropoutOperation.Forward(_pool, ones, dropout, new RandomSource(BatchSeed ^ LayerSeed).NextUInt64(), mask, TokenCount);
        return [.. Enumerable.Range(0, TokenCount).Select(token => Array.ConvertAll(mask[token].ToArray(), value => (double)value))];
    }

    private static void Fill(Matrix matrix, double[][] values)
    {
        for (int row = 0; row < values.Length; row++)
        {
            Array.ConvertAll(values[row], value => (float)value).CopyTo(matrix[row]);
        }
    }

    private static WeightMatrix Pack(double[][] values)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(GgmlType.F32, values.Length, values[0].Length, WeightMatrixFactory.BestTier);
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            float[] rows = [.. values[(16 * panel)..Math.Min(values.Length, 16 * panel + 16)].SelectMany(row => row).Select(value => (float)value)];
            matrix.TryFill(panel, MemoryMarshal.AsBytes(rows.AsSpan())).Should().BeTrue();
        }

        return matrix;
    }
}
