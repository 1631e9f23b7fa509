using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Operations;

public class DropoutOperationTests
{
    private const int TokenCount = 64;
    private const int Width = 515;

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    public void Forward_DropsItsShareAndKeepsTheMean(float probability)
    {
        float[] values = Run(probability, seed: 1, threadCount: 2);

        // The standard deviation of the share in n = 32,960 draws is √(p(1 − p)/n) ≤ 0.0028; the tolerance of 0.014 is five standard deviations.
        values.Count(value => value == 0).Should().BeCloseTo((int)(probability * values.Length), (uint)(0.014 * values.Length));
        values.Where(value => value != 0).Distinct().Should().ContainSingle().Which.Should().BeApproximately(1 / (1 - probability), 1e-4f);
    }

    [Fact]
    public void Forward_AnySeed_IsTheSameOnAnyNumberOfThreadsAndAnotherWithAnotherSeed()
    {
        float[] values = Run(0.5f, seed: 1, threadCount: 1);

        Run(0.5f, seed: 1, threadCount: 3).Should().Equal(values);
        Run(0.5f, seed: 2, threadCount: 1).Should().NotEqual(values);
    }

    [Fact]
    public void Backward_AddsTheSameMask()
    {
        using var pool = new WorkerPool(2);
        using Matrix ones = Ones(), gradient = Ones();

        DropoutOperation.Backward(pool, ones, 0.25f, seed: 7, gradient, TokenCount);

        float[] mask = Run(0.25f, seed: 7, threadCount: 1);
        float[] added = [.. Enumerable.Range(0, TokenCount).SelectMany(token => gradient[token].ToArray())];
        added.Should().Equal(mask.Select(value => value + 1));
    }

    private static float[] Run(float probability, ulong seed, int threadCount)
    {
        using var pool = new WorkerPool(threadCount);
        using Matrix input = Ones(), output = new(TokenCount, Width);
        DropoutOperation.Forward(pool, input, probability, seed, output, TokenCount);
        return [.. Enumerable.Range(0, TokenCount).SelectMany(token => output[token].ToArray())];
    }

    private static Matrix Ones()
    {
        var matrix = new Matrix(TokenCount, Width);
        for (int token = 0; token < TokenCount; token++)
        {
            matrix[token].Fill(1);
        }

        return matrix;
    }
}
