using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Operations;

public class CrossEntropyTests
{
    private static readonly int[] s_targets = [3, 0, 36];
    private static readonly float[] s_weights = [0.5f, 0.25f, -2];

    [Fact]
    public void ForwardBackward_IsTheCentralDifferenceOfTheTwin()
    {
        double[][] logits = [.. RandomMatrices.Values(3, 37, new Random(1)).Select(row => Array.ConvertAll(row, value => (double)(float)(20 * value)))];
        using var pool = new WorkerPool(2);
        using Matrix forward = RandomMatrices.Of(logits), gradient = RandomMatrices.Of(logits);
        float[] logProbabilities = new float[3], again = new float[3];

        bool[] areMostProbable = new bool[3];
        CrossEntropy.Forward(pool, forward, s_targets, logProbabilities, areMostProbable, 3);
        CrossEntropy.ForwardBackward(pool, gradient, s_targets, s_weights, again, 3);

        again.Should().Equal(logProbabilities);
        areMostProbable.Should().Equal(logits.Select((row, i) => row[s_targets[i]] == row.Max()));
        double[] Twin() => [.. logits.Select((row, i) => row[s_targets[i]] - Math.Log(row.Sum(Math.Exp)))];
        logProbabilities.Should().Equal(Twin(), (actual, expected) => Math.Abs(actual - expected) < 1e-5);
        gradient.ShouldBeNear(GradientCheck.CentralDifferences(() => -Twin().Zip(s_weights, (p, w) => p * w).Sum(), logits), "gradient");
    }

    [Fact]
    public void Forward_LargeLogits_StaysFinite()
    {
        using var pool = new WorkerPool(1);
        using Matrix logits = RandomMatrices.Of([[1000, 999], [-1000, 0]]);
        float[] logProbabilities = new float[2];

        bool[] areMostProbable = new bool[2];
        CrossEntropy.Forward(pool, logits, [1, 0], logProbabilities, areMostProbable, 2);

        areMostProbable.Should().Equal(false, false);
        logProbabilities[0].Should().BeApproximately(-1 - MathF.Log(1 + MathF.Exp(-1)), 1e-5f);
        logProbabilities[1].Should().Be(-1000);
    }
}
