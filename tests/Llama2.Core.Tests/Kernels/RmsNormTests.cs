using System.Numerics;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class RmsNormTests
{
    public static TheoryData<int> Lengths => [1, Vector<float>.Count - 1, Vector<float>.Count, Vector<float>.Count + 1, 5 * Vector<float>.Count + 3, 4096];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Apply_RandomVector_EqualsScalarTwin(int length)
    {
        var random = new Random(length);
        float[] input = [.. Enumerable.Range(0, length).Select(_ => 4 * random.NextSingle() - 2)];
        float[] weight = [.. Enumerable.Range(0, length).Select(_ => 4 * random.NextSingle() - 2)];
        float[] output = new float[length];

        RmsNorm.Apply(input, weight, 1e-5f, output);

        double scale = 1 / Math.Sqrt(input.Sum(x => (double)x * x) / length + 1e-5f);
        for (int i = 0; i < length; i++)
        {
            // Squares are positive, so the relative error of their sum is at most (length / width + width) · 2⁻²⁴ for vectors of width elements, and
            // the error of its root is half of that. Six roundings follow: quotient, epsilon, root, inverse, two products.
            double expected = input[i] * scale * weight[i];
            double bound = ((length / Vector<float>.Count + Vector<float>.Count + 2) / 2.0 + 6) * Math.Pow(2, -24);
            ((double)output[i]).Should().BeApproximately(expected, Math.Abs(expected) * bound);
        }
    }

    [Fact]
    public void Apply_VectorOfZeros_ReturnsZeros()
    {
        float[] output = [1, 1, 1];
        RmsNorm.Apply(new float[3], [1, 2, 3], 1e-5f, output);
        output.Should().Equal(0, 0, 0);
    }

    [Fact]
    public void Apply_InPlace_IsTheSame()
    {
        float[] vector = [.. Enumerable.Range(-9, 19).Select(i => (float)i)], weight = [.. Enumerable.Repeat(2f, 19)], output = new float[19];
        RmsNorm.Apply(vector, weight, 1e-5f, output);
        RmsNorm.Apply(vector, weight, 1e-5f, vector);
        vector.Should().Equal(output);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Apply_ElementThatIsNotFinite_IsNotHidden(float bad)
    {
        foreach (int position in (int[])[0, 18])
        {
            float[] vector = new float[19], output = new float[19];
            vector[position] = bad;
            RmsNorm.Apply(vector, vector, 1e-5f, output);
            float.IsFinite(output[position]).Should().BeFalse();
        }
    }

    [Fact]
    public void Apply_LengthsThatDiffer_Throws()
    {
        var apply = (int weight, int output) => () => RmsNorm.Apply(new float[4], new float[weight], 1e-5f, new float[output]);
        apply(3, 4).Should().Throw<ArgumentOutOfRangeException>();
        apply(4, 5).Should().Throw<ArgumentOutOfRangeException>();
        apply(4, 4).Should().NotThrow();
    }

    [Fact]
    public void Apply_ElementsWhoseSquaresOverflow_AreNormalizedAllTheSame()
    {
        float[] output = new float[20];

        RmsNorm.Apply(Enumerable.Repeat(1e30f, 20).ToArray(), Enumerable.Repeat(1f, 20).ToArray(), 1e-5f, output);

        output.Should().OnlyContain(value => MathF.Abs(value - 1) < 1e-6f);
    }

    [Fact]
    public void Apply_InfiniteElement_IsNotHidden()
    {
        float[] input = Enumerable.Repeat(1f, 20).ToArray();
        input[3] = float.PositiveInfinity;
        float[] output = new float[20];

        RmsNorm.Apply(input, Enumerable.Repeat(1f, 20).ToArray(), 1e-5f, output);

        output[3].Should().Be(float.NaN);
    }
}
