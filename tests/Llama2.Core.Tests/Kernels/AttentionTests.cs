using System.Numerics;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class AttentionTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(30)]
    [InlineData(64)]
    [InlineData(128)]
    public void Attend_RandomHeads_EqualsDoublePrecisionTwin(int headLength)
    {
        var random = new Random(headLength);
        foreach (int headCount in (int[])[1, 2, 8])
        {
            foreach (int positionCount in (int[])[1, 2, 7, 64, 300])
            {
                float[] queries = Random(random, headCount * headLength), keys = Random(random, positionCount * headLength);
                float[] values = Random(random, positionCount * headLength), output = Random(random, headCount * headLength);

                Attention.Attend(queries, keys, values, headLength, new float[headCount * positionCount + 3], output);

                for (int head = 0; head < headCount; head++)
                {
                    Check(queries.AsSpan(head * headLength, headLength), keys, values, output.AsSpan(head * headLength, headLength));
                }
            }
        }
    }

    [Fact]
    public void Attend_GroupOfHeads_IsBitForBitEachHeadAlone()
    {
        var random = new Random(1);
        float[] queries = Random(random, 4 * 30), keys = Random(random, 50 * 30), values = Random(random, 50 * 30);
        float[] together = new float[4 * 30], alone = new float[30];
        Attention.Attend(queries, keys, values, 30, new float[200], together);
        for (int head = 0; head < 4; head++)
        {
            Attention.Attend(queries.AsSpan(head * 30, 30), keys, values, 30, new float[50], alone);
            together.AsSpan(head * 30, 30).SequenceEqual(alone).Should().BeTrue();
        }
    }

    [Fact]
    public void Attend_OnePosition_IsItsValue()
    {
        float[] values = Random(new Random(2), 64), output = new float[128];
        Attention.Attend(Random(new Random(3), 128), Random(new Random(4), 64), values, 64, new float[2], output);
        output.Should().Equal([.. values, .. values]);
    }

    [Fact]
    public void Attend_WrongLengths_Throws()
    {
        var attend = (int values, int scores, int output) => () => Attention.Attend(new float[16], new float[24], new float[values], 8, new float[scores], new float[output]);
        attend(24, 6, 16).Should().NotThrow();
        attend(16, 6, 16).Should().Throw<ArgumentOutOfRangeException>();
        attend(24, 5, 16).Should().Throw<ArgumentOutOfRangeException>();
        attend(24, 6, 8).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static void Check(ReadOnlySpan<float> query, float[] keys, float[] values, ReadOnlySpan<float> output)
    {
        int length = query.Length, count = keys.Length / length;
        double[] weights = new double[count];
        double scoreError = 0;
        for (int position = 0; position < count; position++)
        {
            double sum = 0, magnitude = 0;
            for (int i = 0; i < length; i++)
            {
                sum += (double)query[i] * keys[position * length + i];
                magnitude += Math.Abs((double)query[i] * keys[position * length + i]);
            }

            // A score is a sum of chains of length / width terms, in any order at most (length / width + width + 3) roundings deep.
            weights[position] = Math.Exp(sum / Math.Sqrt(length));
            scoreError = Math.Max(scoreError, (length / Vector<float>.Count + Vector<float>.Count + 3) * magnitude / Math.Sqrt(length));
        }

        double total = weights.Sum();
        for (int i = 0; i < length; i++)
        {
            double expected = 0, magnitude = 0;
            for (int position = 0; position < count; position++)
            {
                expected += weights[position] / total * values[position * length + i];
                magnitude += weights[position] / total * Math.Abs(values[position * length + i]);
            }

            // e^(score error) once for the term and once for the sum, the softmax's own roundings, then one rounding a position.
            double bound = (2 * scoreError + count / Vector<float>.Count + Vector<float>.Count + 14 + count) * Math.Pow(2, -24);
            ((double)output[i]).Should().BeApproximately(expected, magnitude * bound);
        }
    }

    private static float[] Random(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => 4 * random.NextSingle() - 2)];
}
