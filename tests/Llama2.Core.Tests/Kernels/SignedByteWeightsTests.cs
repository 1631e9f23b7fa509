using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class SignedByteWeightsTests
{
    // Runtimes differ in the conversion of what a byte cannot hold: .NET 10 keeps the last bits, .NET 11 saturates.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(2.5f, 2)]
    [InlineData(-3.5f, -4)]
    [InlineData(127.49f, 127)]
    [InlineData(128, 127)]
    [InlineData(-128, -127)]
    [InlineData(300, 127)]
    [InlineData(-65537, -127)]
    [InlineData(float.MaxValue, 127)]
    [InlineData(float.PositiveInfinity, 127)]
    [InlineData(float.NegativeInfinity, -127)]
    [InlineData(float.NaN, 0)]
    public void Store_AnyNumber_IsTheNearestFrom127DownToMinus127(float value, sbyte expected)
    {
        byte stored = 0xAA;

        SignedByteWeights.Store(value, ref stored);

        ((sbyte)stored).Should().Be(expected);
    }
}
