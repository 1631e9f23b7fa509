using Llama2.Kernels;
using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Operations;

public class RotaryOperationTests
{
    [Theory]
    [InlineData(6, false)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public void Backward_IsTheCentralDifferenceOfTheTwin(int headLength, bool isStretched)
    {
        var random = new Random(1);
        int[] positions = [0, 1, 2, 0, 7];
        // YaRN also scales the rotated pairs up, so the transpose of the operation is not its inverse.
        RopeScaling scaling = isStretched ? RopeScaling.Yarn(4) : RopeScaling.None;
        var frequencies = new RopeFrequencies(headLength, 10_000, scaling, 32);
        double[][] query = RandomMatrices.Values(5, 2 * headLength, random), key = RandomMatrices.Values(5, headLength, random);
        double[][] queryCotangent = RandomMatrices.Values(5, 2 * headLength, random), keyCotangent = RandomMatrices.Values(5, headLength, random);
        using var pool = new WorkerPool(2);
        using var rotary = new RotaryOperation(new RotaryEmbedding(frequencies), 5);
        using Matrix q = RandomMatrices.Of(query), k = RandomMatrices.Of(key), dq = RandomMatrices.Of(queryCotangent), dk = RandomMatrices.Of(keyCotangent);

        rotary.Prepare(pool, positions, 5);
        rotary.Forward(pool, q, k, 5);
        rotary.Backward(pool, dq, dk, 5);

        double[][] Twin(double[][] rows) => Turn(rows, positions, frequencies);
        q.ShouldBeNear(Twin(query), "queries");
        k.ShouldBeNear(Twin(key), "keys");
        dq.ShouldBeNear(GradientCheck.CentralDifferences(() => GradientCheck.Dot(queryCotangent, Twin(query)), query), "gradient of the queries");
        dk.ShouldBeNear(GradientCheck.CentralDifferences(() => GradientCheck.Dot(keyCotangent, Twin(key)), key), "gradient of the keys");
    }

    private static double[][] Turn(double[][] rows, int[] positions, RopeFrequencies frequencies) =>
    [
        .. rows.Select((row, token) => row.Select((_, i) =>
        {
            int first = i / 2 * 2;
            double angle = positions[token] * frequencies.Values[i / 2 % frequencies.Values.Length], length = frequencies.Magnitude;
            return length * (i == first
                ? row[first] * Math.Cos(angle) - row[first + 1] * Math.Sin(angle)
                : row[first] * Math.Sin(angle) + row[first + 1] * Math.Cos(angle));
        }).ToArray()),
    ];
}
