using System.Numerics;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class RotaryEmbeddingTests
{
    [Theory]
    [InlineData(2, 10_000f, 1f)]
    [InlineData(6, 10_000f, 1f)]
    [InlineData(8, 10_000f, 1f)]
    [InlineData(64, 10_000f, 1f)]
    [InlineData(128, 10_000f, 1f)]
    [InlineData(128, 1_000_000f, 1f)]
    [InlineData(128, 10_000f, 8f)]
    [InlineData(6, 10_000f, 2.5f)]
    public void Rotate_AnyPosition_IsARotationOfComplexNumbers(int headLength, float theta, float factor)
    {
        var random = new Random(headLength);
        var rotary = Create(headLength, theta, RopeScaling.Linear(factor));
        float[] rotation = new float[rotary.RotationLength];
        foreach (int headCount in (int[])[1, 3])
        {
            foreach (int position in (int[])[1, 2, 77, 4095, 100_000])
            {
                float[] heads = [.. Enumerable.Range(0, headCount * headLength).Select(_ => 2 * random.NextSingle() - 1)];
                float[] turned = [.. heads];
                rotary.Prepare(position, rotation);
                rotary.Rotate(turned, rotation);

                for (int i = 0; i < heads.Length; i += 2)
                {
                    double angle = position / (double)factor * Math.Pow(theta, -(i % headLength) / (double)headLength);
                    Complex expected = new Complex(heads[i], heads[i + 1]) * Complex.FromPolarCoordinates(1, angle);

                    // Sine, cosine, two products and a sum are at most √2, so each is rounded by at most 2⁻²⁴. The angle, in double precision, has a
                    // relative error of 2⁻⁵⁰.
                    double bound = 5 * Math.Pow(2, -24) + angle * Math.Pow(2, -50);
                    ((double)turned[i]).Should().BeApproximately(expected.Real, bound);
                    ((double)turned[i + 1]).Should().BeApproximately(expected.Imaginary, bound);
                }
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(128)]
    public void Rotate_PositionZero_IsIdentity(int headLength)
    {
        var rotary = Create(headLength);
        float[] heads = [.. Enumerable.Range(1, 2 * headLength).Select(i => i / 7f)], turned = [.. heads], rotation = new float[rotary.RotationLength];
        rotary.Prepare(0, rotation);
        rotary.Rotate(turned, rotation);
        turned.Should().Equal(heads);
    }

    [Fact]
    public void Prepare_ScaledPosition_EqualsTheUnscaledPositionItStandsFor()
    {
        var scaled = Create(64, scaling: RopeScaling.Linear(4));
        var plain = Create(64);
        float[] first = new float[128], second = new float[128];
        scaled.Prepare(400, first);
        plain.Prepare(100, second);

        // Dividing by 4 is exact, so both angles are the same double.
        first.Should().Equal(second);
    }

    [Fact]
    public void Rotate_WrongLengths_Throws()
    {
        var rotary = Create(8);
        var rotate = (int heads, int rotation) => () => rotary.Rotate(new float[heads], new float[rotation]);
        rotate(12, 16).Should().Throw<ArgumentOutOfRangeException>();
        rotate(16, 15).Should().Throw<ArgumentOutOfRangeException>();
        rotate(16, 16).Should().NotThrow();
    }

    private static RotaryEmbedding Create(int headLength, float theta = 10_000, RopeScaling? scaling = null)
        => new(new RopeFrequencies(headLength, theta, scaling ?? RopeScaling.None, contextLength: 4096));
}
