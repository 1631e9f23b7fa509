using Llama2.Cli.Benchmarking;

namespace Llama2.Cli.Tests.Benchmarking;

public class BenchmarkFigureTests
{
    [Theory]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 9, 1, 2 }, 2)]
    [InlineData(new double[] { 10, 1, 2, 4 }, 3)]
    public void Median_AnyOrder_IsTheMiddle(double[] values, double median)
        => new BenchmarkFigure("a figure", values, "N1", IsRepeated: true).Median.Should().Be(median);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(0.25, 20)]
    [InlineData(0.95, 48)]
    [InlineData(1, 50)]
    public void Percentile_OfTenToFifty_LiesInProportion(double fraction, double expected)
        => BenchmarkFigure.Percentile([50, 10, 40, 20, 30], fraction).Should().BeApproximately(expected, 1e-9);

    [Fact]
    public void JsonName_IsTheNameInSnakeCase() => new BenchmarkFigure("load seconds", 1, "N1").JsonName.Should().Be("load_seconds");
}
