using Llama2.Quantization.Encoders;

namespace Llama2.Tests.Quantization.Encoders;

public class GroupScaleCodesTests
{
    // Runtimes differ in the conversion of what a byte cannot hold: .NET 10 keeps the last bits, .NET 11 saturates.
    [Theory]
    [InlineData(3.4f, 2, 32, 7)]
    [InlineData(-3.4f, 2, 32, -7)]
    [InlineData(100, 2, 32, 31)]
    [InlineData(-100, 2, 32, -32)]
    [InlineData(300, 1, 128, 127)]
    [InlineData(-300, 1, 128, -128)]
    [InlineData(float.MaxValue, float.MaxValue, 128, 127)]
    [InlineData(float.MinValue, float.MaxValue, 128, -128)]
    [InlineData(0, float.PositiveInfinity, 32, 0)]
    public void Nearest_AnyScale_IsWithinTheLimit(float scale, float factor, int limit, int expected)
        => ((int)GroupScaleCodes.Nearest(scale, factor, limit)).Should().Be(expected);
}
