using Llama2.Training.Optimizers;

namespace Llama2.Training.Tests.Optimizers;

public class LearningRateTests
{
    [Theory]
    [InlineData(LearningRateSchedule.Cosine, new[] { 0.5, 1, 1, 0.775, 0.325, 0.1 })]
    [InlineData(LearningRateSchedule.Linear, new[] { 0.5, 1, 1, 0.7, 0.4, 0.1 })]
    [InlineData(LearningRateSchedule.Constant, new[] { 0.5, 1, 1, 1, 1, 1 })]
    public void At_EachStep_IsWarmUpThenSchedule(LearningRateSchedule schedule, double[] expected)
    {
        // Two warm-up steps, then four from the maximum to a tenth of it: cos(0), cos(π/3), cos(2π/3), cos(π).
        var rate = new LearningRate(schedule, peak: 1, warmupStepCount: 2, stepCount: 6, finalFraction: 0.1);

        Enumerable.Range(0, 6).Select(rate.At).Should().Equal(expected, (left, right) => Math.Abs(left - right) < 1e-12);
    }

    [Fact]
    public void At_OneStepWithoutWarmUp_IsThePeak()
        => new LearningRate(LearningRateSchedule.Cosine, peak: 1, warmupStepCount: 0, stepCount: 1, finalFraction: 0).At(0).Should().Be(1);
}
