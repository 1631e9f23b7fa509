using System.Numerics;
using System.Runtime.Intrinsics;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class ExponentialTests
{
    [Fact]
    public void Of_AllOfItsRange_IsWithinTwoUnitsInTheLastPlace()
    {
        double worst = 0;
        // Every 97th float; the magnitude of negative floats increases with their bits.
        for (uint bits = BitConverter.SingleToUInt32Bits(-1e-12f); bits <= BitConverter.SingleToUInt32Bits(-86); bits += 97)
        {
            float x = BitConverter.UInt32BitsToSingle(bits), y = Narrow(x);
            double exact = Math.Exp(x), unit = MathF.BitIncrement((float)exact) - (float)exact;
            worst = Math.Max(worst, Math.Abs(y - exact) / unit);
        }

        worst.Should().BeLessThan(2).And.BeGreaterThan(0.4);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-86.5f, 0)]
    [InlineData(-1e30f, 0)]
    [InlineData(float.MinValue, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(float.NaN, float.NaN)]
    public void Of_EdgesAndBeyond_AreExact(float x, float expected)
    {
        Narrow(x).Should().Be(expected);
        Wide(x).Should().Be(expected);
    }

    [Fact]
    public void Of_AnyWidth_IsTheSame()
    {
        for (float x = -87; x <= 0; x += 0.00137f)
        {
            Wide(x).Should().Be(Narrow(x));
        }
    }

    [Fact]
    public void Apply_NumbersUpToZero_HaveAnErrorOfTwoUnits()
    {
        // Every number from −86 in steps of about 2⁻¹², and small ones; also numbers above 0 that a rounding error of a softmax may cause.
        float[] numbers = [.. Enumerable.Range(0, 86 * 4096 - 8).Select(i => -i / 4096f - i * 1e-9f), -1e-30f, -0f, 0, 1e-6f, 1e-3f];
        float[] actual = [.. numbers];

        Exponential.Apply(actual);

        for (int i = 0; i < numbers.Length; i++)
        {
            float exact = (float)Math.Exp(numbers[i]);
            Math.Abs(BitConverter.SingleToInt32Bits(exact) - BitConverter.SingleToInt32Bits(actual[i])).Should().BeLessThanOrEqualTo(2, $"e^{numbers[i]:R} is {exact:R}, not {actual[i]:R}");
        }
    }

    [Fact]
    public void Apply_NumbersWithoutANormalExponential_AreZeroOrNaN()
    {
        float[] values = [-86.1f, -1000, float.NegativeInfinity, float.MinValue, float.NaN, float.PositiveInfinity, -1, 0, -90];

        Exponential.Apply(values);

        values[..4].Should().OnlyContain(value => value == 0);
        values[8].Should().Be(0);
        float.IsNaN(values[4]).Should().BeTrue();
        float.IsFinite(values[5]).Should().BeFalse("an infinite logit must not become a finite loss");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(33)]
    public void Apply_AnyLength_GivesTheBitsOfOneNumber(int length)
    {
        float[] numbers = [.. Enumerable.Range(0, length).Select(i => -0.37f * i)], together = [.. numbers];

        Exponential.Apply(together);

        together.Should().Equal(numbers.Select(number =>
        {
            float[] one = [number];
            Exponential.Apply(one);
            return one[0];
        }));
    }

    private static float Narrow(float x) => Exponential.Of(Vector.Create(x))[0];

    private static float Wide(float x) => Exponential.Of(Vector512.Create(x))[0];
}
