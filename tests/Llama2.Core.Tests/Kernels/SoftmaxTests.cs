using System.Numerics;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class SoftmaxTests
{
    public static TheoryData<int> Lengths => [1, Vector<float>.Count - 1, Vector<float>.Count, Vector<float>.Count + 1, 5 * Vector<float>.Count + 3, 2000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Apply_RandomScores_EqualsScalarTwin(int length) => Check(length, 10, 0);

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Apply_ScoresNearAThousand_EqualsScalarTwin(int length)
    {
        Check(length, 10, 1000);
        Check(length, 10, -1000);
    }

    [Fact]
    public void Apply_OneScore_IsCertain()
    {
        foreach (float score in (float[])[0, -1e30f, 1e30f, 1000])
        {
            float[] scores = [score];
            Softmax.Apply(scores);
            scores.Should().Equal(1);
        }
    }

    [Theory]
    [InlineData(-1e5f)]
    [InlineData(float.MinValue)]
    [InlineData(float.NegativeInfinity)]
    public void Apply_HugeNegativeScores_AreImpossible(float huge)
    {
        foreach (int length in (int[])[2, Vector<float>.Count + 1, 40])
        {
            for (int likely = 0; likely < length; likely++)
            {
                float[] scores = [.. Enumerable.Repeat(huge, length)];
                scores[likely] = float.IsInfinity(huge) ? 5 : -huge;
                Softmax.Apply(scores);
                scores.Should().Equal(Enumerable.Range(0, length).Select(i => i == likely ? 1f : 0f));
            }
        }
    }

    [Fact]
    public void Apply_EqualScores_AreEqual()
    {
        float[] scores = [.. Enumerable.Repeat(-777f, 64)];
        Softmax.Apply(scores);
        scores.Should().OnlyContain(probability => probability == 1 / 64f);
    }

    [Fact]
    public void Apply_NotANumber_IsNotHidden()
    {
        foreach (int position in (int[])[0, 12, 18])
        {
            float[] scores = new float[19];
            scores[position] = float.NaN;
            Softmax.Apply(scores);
            scores.Should().OnlyContain(probability => float.IsNaN(probability));
        }
    }

    private static void Check(int length, float spread, float centre)
    {
        var random = new Random(length);
        float[] scores = [.. Enumerable.Range(0, length).Select(_ => centre + spread * (2 * random.NextSingle() - 1))];
        double[] exponentials = [.. scores.Select(score => Math.Exp((double)score - scores.Max()))];

        Softmax.Apply(scores);

        for (int i = 0; i < length; i++)
        {
            // The difference of two scores is rounded to 2⁻²⁴ of at most 2 · spread, which the exponential makes relative; the sum of positive
            // terms is off by (length / width + width) · 2⁻²⁴; exponential (twice: term and sum), inverse and product by 6 more.
            double expected = exponentials[i] / exponentials.Sum();
            double bound = (2 * 2 * spread + length / Vector<float>.Count + Vector<float>.Count + 6) * Math.Pow(2, -24);
            ((double)scores[i]).Should().BeApproximately(expected, expected * bound);
        }
    }
}
