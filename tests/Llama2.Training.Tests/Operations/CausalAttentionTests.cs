using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Operations;

public class CausalAttentionTests
{
    [Theory]
    [InlineData(2, 1, 6, new[] { 1, 5, 3 })]
    [InlineData(4, 2, 8, new[] { 9 })]
    [InlineData(2, 2, 20, new[] { 17, 2 })]
    [InlineData(2, 1, 4, new[] { 3, 67 })]
    public void Backward_IsTheCentralDifferenceOfTheTwin(int headCount, int keyValueHeadCount, int headLength, int[] lengths)
    {
        var random = new Random(1);
        int tokenCount = lengths.Sum(), width = headCount * headLength, keyValue = keyValueHeadCount * headLength;
        Segment[] segments = [.. lengths.Select((count, i) => new Segment(lengths.Take(i).Sum(), count))];
        double[][] query = Large(tokenCount, width, random), key = Large(tokenCount, keyValue, random), value = Large(tokenCount, keyValue, random);
        double[][] cotangent = RandomMatrices.Values(tokenCount, width, random);
        using var pool = new WorkerPool(2);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        using var attention = new CausalAttention(multiplier, headCount, keyValueHeadCount, headLength, tokenCount);
        using Matrix q = RandomMatrices.Of(query), k = RandomMatrices.Of(key), v = RandomMatrices.Of(value), dy = RandomMatrices.Of(cotangent);
        using Matrix y = new(tokenCount, width), logSums = new(tokenCount, headCount), dq = new(tokenCount, width), dk = new(tokenCount, keyValue), dv = new(tokenCount, keyValue);

        attention.Forward(q, k, v, segments, segments.Length, y, logSums);
        attention.Backward(q, k, v, segments, segments.Length, y, logSums, dy, dq, dk, dv);

        double[][] Twin() => Attend(query, key, value, segments, headCount, keyValueHeadCount);
        double Loss() => GradientCheck.Dot(cotangent, Twin());
        y.ShouldBeNear(Twin(), "output");
        dq.ShouldBeNear(GradientCheck.CentralDifferences(Loss, query), "gradient of the queries");
        dk.ShouldBeNear(GradientCheck.CentralDifferences(Loss, key), "gradient of the keys");
        dv.ShouldBeNear(GradientCheck.CentralDifferences(Loss, value), "gradient of the values");
    }

    // The scores have magnitudes above 1, so that the attention weights of a token are not all nearly equal.
    private static double[][] Large(int rowCount, int columnCount, Random random)
        => [.. RandomMatrices.Values(rowCount, columnCount, random).Select(row => Array.ConvertAll(row, value => (double)(float)(3 * value)))];

    private static double[][] Attend(double[][] query, double[][] key, double[][] value, Segment[] segments, int headCount, int keyValueHeadCount)
    {
        double[][] output = [.. query.Select(row => new double[row.Length])];
        int length = query[0].Length / headCount;
        foreach (Segment segment in segments)
        {
            for (int token = segment.Start; token < segment.Start + segment.Count; token++)
            {
                for (int head = 0; head < headCount; head++)
                {
                    int start = head * length, keyStart = head / (headCount / keyValueHeadCount) * length;
                    double[] weights = new double[token + 1 - segment.Start];
                    for (int past = 0; past < weights.Length; past++)
                    {
                        double score = 0;
                        for (int i = 0; i < length; i++)
                        {
                            score += query[token][start + i] * key[segment.Start + past][keyStart + i];
                        }

                        weights[past] = Math.Exp(score / Math.Sqrt(length));
                    }

                    double total = weights.Sum();
                    for (int i = 0; i < length; i++)
                    {
                        for (int past = 0; past < weights.Length; past++)
                        {
                            output[token][start + i] += weights[past] / total * value[segment.Start + past][keyStart + i];
                        }
                    }
                }
            }
        }

        return output;
    }
}
