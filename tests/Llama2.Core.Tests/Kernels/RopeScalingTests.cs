namespace Llama2.Tests.Kernels;

public class RopeScalingTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(0f)]
    [InlineData(-2f)]
    [InlineData(0.99f)]
    [InlineData(1024.1f)]
    [InlineData(1e30f)]
    public void Factor_OutOfRange_IsRefused(float factor)
    {
        foreach (Func<float, RopeScaling> create in (Func<float, RopeScaling>[])[RopeScaling.Linear, RopeScaling.NtkAware, RopeScaling.DynamicNtk, value => RopeScaling.Yarn(value)])
        {
            FluentActions.Invoking(() => create(factor)).Should().Throw<ArgumentOutOfRangeException>()
                .WithMessage("It must be a number from 1 to 1024.*").Which.ParamName.Should().Be("factor");
        }
    }

    [Theory]
    [InlineData("originalContextLength", 0, 1f, 1f, 32f, 1f)]
    [InlineData("originalContextLength", -1, 1f, 1f, 32f, 1f)]
    [InlineData("originalContextLength", 16_777_217, 1f, 1f, 32f, 1f)]
    [InlineData("extrapolationFactor", 4096, -0.1f, 1f, 32f, 1f)]
    [InlineData("extrapolationFactor", 4096, 1.1f, 1f, 32f, 1f)]
    [InlineData("extrapolationFactor", 4096, float.NaN, 1f, 32f, 1f)]
    [InlineData("attentionFactor", 4096, 1f, 0f, 32f, 1f)]
    [InlineData("attentionFactor", 4096, 1f, 101f, 32f, 1f)]
    [InlineData("attentionFactor", 4096, 1f, float.NaN, 32f, 1f)]
    [InlineData("betaSlow", 4096, 1f, 1f, 32f, 0f)]
    [InlineData("betaSlow", 4096, 1f, 1f, 32f, float.NaN)]
    [InlineData("betaFast", 4096, 1f, 1f, float.PositiveInfinity, 1f)]
    [InlineData("betaFast", 4096, 1f, 1f, float.NaN, 1f)]
    [InlineData("betaFast", 4096, 1f, 1f, 2f, 3f)]
    public void Yarn_ArgumentOutOfRange_NamesIt(string name, int original, float extrapolation, float attention, float fast, float slow)
        => FluentActions.Invoking(() => RopeScaling.Yarn(4, original, extrapolation, attention, fast, slow)).Should().Throw<ArgumentOutOfRangeException>()
            .Which.ParamName.Should().Be(name);

    [Fact]
    public void Yarn_ArgumentsAtTheirLimits_AreKept()
    {
        RopeScaling scaling = RopeScaling.Yarn(1024, 1, 0, 100, 1_000_000, 1_000_000);
        (scaling.Type, scaling.Factor, scaling.OriginalContextLength, scaling.ExtrapolationFactor, scaling.AttentionFactor, scaling.BetaFast, scaling.BetaSlow)
            .Should().Be((RopeScalingType.Yarn, 1024, 1, 0, 100, 1_000_000, 1_000_000));
    }
}
