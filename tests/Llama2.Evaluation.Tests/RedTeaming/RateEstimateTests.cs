namespace Llama2.Evaluation.Tests.RedTeaming;

/// <summary>The values come from <c>tests/Reference/wilson.py</c>, which solves Wilson's inequality by bisection.</summary>
public sealed class RateEstimateTests
{
    [Theory]
    [InlineData(0, 10, 0.0, 0.27753279986288915)]
    [InlineData(1, 10, 0.01787621309507291, 0.40415002679523837)]
    [InlineData(5, 10, 0.236593090512564, 0.7634069094874361)]
    [InlineData(10, 10, 0.7224672001371109, 1.0)]
    [InlineData(3, 400, 0.0025538891952499396, 0.021815720724032116)]
    [InlineData(250, 1000, 0.2241530989836914, 0.27776028025908617)]
    public void Bounds_ShareOfCases_AreWilsons(int count, int totalCount, double lower, double upper)
    {
        var rate = new RateEstimate(count, totalCount);

        rate.LowerBound.Should().BeApproximately(lower, 1e-10);
        rate.UpperBound.Should().BeApproximately(upper, 1e-10);
    }

    [Fact]
    public void Bounds_NoCases_SayNothing()
    {
        var rate = new RateEstimate(0, 0);

        (rate.LowerBound, rate.UpperBound).Should().Be((0, 1));
        rate.Value.Should().Be(double.NaN);
    }
}
