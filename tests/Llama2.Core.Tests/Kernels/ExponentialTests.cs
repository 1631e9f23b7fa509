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

    private static float Narrow(float x) => Exponential.Of(Vector.Create(x))[0];

    private static float Wide(float x) => Exponential.Of(Vector512.Create(x))[0];
}
