using System.Numerics;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class SwiGluTests
{
    public static TheoryData<int> Lengths => [1, Vector<float>.Count - 1, Vector<float>.Count, Vector<float>.Count + 1, 5 * Vector<float>.Count + 3, 1000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Apply_RandomVectors_EqualsScalarTwin(int length)
    {
        var random = new Random(length);
        float[] gate = [.. Enumerable.Range(0, length).Select(_ => 40 * random.NextSingle() - 20)];
        float[] up = [.. Enumerable.Range(0, length).Select(_ => 4 * random.NextSingle() - 2)];
        float[] output = new float[length];

        SwiGlu.Apply(gate, up, output);

        for (int i = 0; i < length; i++)
        {
            // Four operations are rounded (the exponential within 1.5 units, a sum, a quotient, a product), so the relative error is below 6 · 2⁻²⁴.
            double expected = gate[i] / (1 + Math.Exp(-(double)gate[i])) * up[i];
            ((double)output[i]).Should().BeApproximately(expected, Math.Abs(expected) * 6 * Math.Pow(2, -24));
        }
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(-100f, 0f)]
    [InlineData(-1e30f, 0f)]
    [InlineData(100f, 100f)]
    [InlineData(1e30f, 1e30f)]
    public void Apply_FarGates_AreZeroOrThemselves(float gate, float expected)
    {
        foreach (int length in (int[])[1, 40])
        {
            float[] output = new float[length];
            SwiGlu.Apply(Enumerable.Repeat(gate, length).ToArray(), Enumerable.Repeat(1f, length).ToArray(), output);
            output.Should().OnlyContain(value => Math.Abs(value - expected) <= 1e-35f);
        }
    }

    [Fact]
    public void Apply_OutputIsAnInput_IsTheSame()
    {
        float[] gate = [.. Enumerable.Range(-9, 19).Select(i => (float)i)], up = [.. Enumerable.Range(1, 19).Select(i => (float)i)], output = new float[19];
        SwiGlu.Apply(gate, up, output);
        float[] first = [.. gate], second = [.. up];
        SwiGlu.Apply(first, up, first);
        SwiGlu.Apply(gate, second, second);
        first.Should().Equal(output);
        second.Should().Equal(output);
    }

    [Fact]
    public void Apply_NotANumber_IsNotHidden()
    {
        float[] gate = new float[19], up = new float[19], output = new float[19];
        (gate[0], up[1], gate[18], up[17]) = (float.NaN, float.NaN, float.NaN, float.NaN);
        SwiGlu.Apply(gate, up, output);
        output.Select(float.IsNaN).Should().Equal(Enumerable.Range(0, 19).Select(i => i is 0 or 1 or 17 or 18));
    }

    [Fact]
    public void Apply_LengthsThatDiffer_Throws()
    {
        var apply = (int up, int output) => () => SwiGlu.Apply(new float[4], new float[up], new float[output]);
        apply(3, 4).Should().Throw<ArgumentOutOfRangeException>();
        apply(4, 3).Should().Throw<ArgumentOutOfRangeException>();
        apply(4, 4).Should().NotThrow();
    }
}
