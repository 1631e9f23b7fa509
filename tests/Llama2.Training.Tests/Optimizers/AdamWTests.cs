using Llama2.Threading;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Optimizers;

public sealed class AdamWTests : IDisposable
{
    private static readonly AdamWSettings s_settings = new(0.9f, 0.99f, 1e-8f, 0.1f);
    private readonly WorkerPool _pool = new(2);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_AnyThreadCount_GivesTheSameBits(bool quantizesMoments)
    {
        float[]? expected = null;
        foreach (int threadCount in (int[])[1, 2, 3])
        {
            using var pool = new WorkerPool(threadCount);
            using var parameter = new Parameter("w", 70, 300);
            float[] values = Run(parameter, quantizesMoments, pool, stepCount: 5);
            expected ??= values;
            values.Should().Equal(expected);
        }
    }

    [Fact]
    public void Step_MomentsOf8Bits_FollowsFloat32()
    {
        using Parameter single = new("w", 20, 300), quantized = new("w", 20, 300);
        float[] expected = Run(single, quantizesMoments: false, _pool, stepCount: 50), actual = Run(quantized, quantizesMoments: true, _pool, stepCount: 50);

        // 50 steps of 0.01 change a weight by about 0.1; the 8-bit codes of the paper have errors of a few percent.
        double moved = expected.Zip(Start(20 * 300), (value, start) => Math.Abs(value - start)).Average();
        double error = expected.Zip(actual, (value, other) => Math.Abs(value - other)).Average();
        moved.Should().BeGreaterThan(0.05);
        error.Should().BeLessThan(0.05 * moved);
    }

    [Fact]
    public void ComputeGradientNorm_IsTheEuclideanNorm()
    {
        using Parameter first = new("a", 3, 5000), second = new("b", 1, 7);
        first.Gradient[2][4999] = 3;
        second.Gradient[0][6] = 4;
        using var optimizer = new AdamW([first, second], s_settings, quantizesMoments: false, _pool);

        optimizer.ComputeGradientNorm().Should().Be(5);
    }

    [Fact]
    public void Step_VectorsAreNotDecayed()
    {
        using Parameter matrix = new("a", 2, 16), vector = new("b", 1, 16);
        matrix.Values[1].Fill(1);
        vector.Values[0].Fill(1);
        using var optimizer = new AdamW([matrix, vector], s_settings, quantizesMoments: false, _pool);

        optimizer.Step(0.5, 1);

        matrix.Values[1][3].Should().Be(0.95f);
        vector.Values[0][3].Should().Be(1);
    }

    private static float[] Start(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    // Gradients of a quadratic function, with noise.
    private static float[] Run(Parameter parameter, bool quantizesMoments, WorkerPool pool, int stepCount)
    {
        int rowCount = parameter.Values.RowCount, columnCount = parameter.Values.ColumnCount;
        float[] start = Start(rowCount * columnCount);
        for (int row = 0; row < rowCount; row++)
        {
            start.AsSpan(row * columnCount, columnCount).CopyTo(parameter.Values[row]);
        }

        var random = new Random(5);
        using var optimizer = new AdamW([parameter], s_settings, quantizesMoments, pool);
        for (int step = 0; step < stepCount; step++)
        {
            for (int row = 0; row < rowCount; row++)
            {
                for (int column = 0; column < columnCount; column++)
                {
                    parameter.Gradient[row][column] = parameter.Values[row][column] + 0.1f * (random.NextSingle() - 0.5f);
                }
            }

            optimizer.Step(0.01, 0.5);
        }

        return [.. Enumerable.Range(0, rowCount).SelectMany(row => parameter.Values[row].ToArray())];
    }
}
