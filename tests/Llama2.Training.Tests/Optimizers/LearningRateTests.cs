using Llama2.Training.Optimizers;

namespace Llama2.Training.Tests.Optimizers;

public class LearningRateTests
{
    [Theory]
    [InlineData(LearningRateSchedule.Cosine, new[] { 0.5, 1, 1, 0.8681980515339464, 0.55, 0.23180194846605365 })]
    [InlineData(LearningRateSchedule.Linear, new[] { 0.5, 1, 1, 0.775, 0.55, 0.325 })]
    [InlineData(LearningRateSchedule.Constant, new[] { 0.5, 1, 1, 1, 1, 1 })]
    public void At_EachStep_IsWarmUpThenSchedule(LearningRateSchedule schedule, double[] expected)
    {
        // Two warm-up steps, then four from the maximum towards a tenth of it: cos(0), cos(π/4), cos(π/2), cos(3π/4).
        var rate = new LearningRate(schedule, peak: 1, warmupStepCount: 2, stepCount: 6, finalFraction: 0.1);

        Enumerable.Range(0, 6).Select(rate.At).Should().Equal(expected, (left, right) => Math.Abs(left - right) < 1e-12);
    }

    [Theory]
    [InlineData(LearningRateSchedule.Cosine)]
    [InlineData(LearningRateSchedule.Linear)]
    public void At_LastStep_StillChangesTheWeights(LearningRateSchedule schedule)
    {
        // As with Hugging Face's schedulers, the rate of the second of two steps is 0.5.
        var rate = new LearningRate(schedule, peak: 1, warmupStepCount: 0, stepCount: 2, finalFraction: 0);

        rate.At(1).Should().BeApproximately(0.5, 1e-12);
    }

    [Fact]
    public void At_OneStepWithoutWarmUp_IsThePeak()
        => new LearningRate(LearningRateSchedule.Cosine, peak: 1, warmupStepCount: 0, stepCount: 1, finalFraction: 0).At(0).Should().Be(1);
}
