using Llama2.Cli.Training;

namespace Llama2.Cli.Tests.Training;

public class LossTrendTests
{
    [Theory]
    [InlineData(1, "loss 1.0000 in 1 step")]
    [InlineData(2, "loss 1.0000 → 2.0000 in 2 steps")]
    [InlineData(3, "loss 1.0000 → 3.0000 in 3 steps")]
    [InlineData(4, "loss 1.5000 → 3.5000 in 4 steps (means of the first and the last 2)")]
    [InlineData(20, "loss 5.5000 → 15.5000 in 20 steps (means of the first and the last 10)")]
    [InlineData(1000, "loss 50.5000 → 950.5000 in 1,000 steps (means of the first and the last 100)")]
    public void ToString_LossesThatCountUp_HasTheMeansOfBothEnds(int stepCount, string expected) =>
        LossTrend.Of([.. Enumerable.Range(1, stepCount).Select(step => (double)step)]).ToString().Should().Be(expected);

    [Theory]
    [InlineData(4.7, 50, true)]
    [InlineData(9, 7, false)]
    [InlineData(4.7, 5.4, false)]
    [InlineData(4.7, 6.9, true)]
    [InlineData(6.5, 6.9, false)]
    public void IsDivergence_Rise_CountsOnlyAboveGuessingOrFromFarBelowToIt(double first, double last, bool expected) =>
        LossTrend.Of([first, last]).IsDivergence(Math.Log(1024)).Should().Be(expected);
}
