using Llama2.Tests;
using Llama2.Training.Datasets;
using Llama2.Training.Model;
using Llama2.Training.Objectives;

namespace Llama2.Training.Tests.Objectives;

/// <summary>The rest of a run is estimated from what was measured, with a clock that the tests move.</summary>
public class TimeEstimateTests
{
    private const double ProductsPerSecond = 1.8e11, AttentionPerSecond = 1.1e11;
    private static readonly ModelConfiguration s_shape = SevenBillionParameters.Configuration with
    {
        EmbeddingLength = 768,
        LayerCount = 12,
        HeadCount = 12,
        KeyValueHeadCount = 12,
        FeedForwardLength = 3072,
    };

    // A run of four to twelve minutes. From the first to the last sample, texts become twenty times as long. Attention computes more slowly than products, the
    // first step takes three times as long as others, and there are evaluations, checkpoints and answers to prompts.
    [Theory]
    [InlineData(1, 20, 50, 0.5, true)]
    [InlineData(1, 60, 7, 4, true)]
    [InlineData(3, 20, 25, 3, false)]
    [InlineData(1, 400, 10, 1, true)]
    public void Remaining_AfterTheFirstMinute_IsWithinThirtyPercent(int epochCount, int evaluationInterval, int checkpointInterval, double checkpointSeconds, bool evaluates)
    {
        const int SampleCount = 240;
        var options = new TrainingOptions { BatchTokenCount = 1024, EpochCount = epochCount, Seed = 3, RecomputeActivations = false };
        int[] order = ShuffledOrder.Create(SampleCount, options.Seed);
        var samples = new TrainingSample[SampleCount];
        for (int i = 0; i < SampleCount; i++)
        {
            samples[order[i]] = Sample(50 + 950 * i / SampleCount);
        }

        SupervisedTask task = new(samples, s_shape.VocabularySize), validation = new([.. samples.Take(20)], s_shape.VocabularySize);
        var plan = new TrainingPlan(task.Lengths, options);
        var clock = new ManualTimeProvider();
        var time = new TimeEstimate(clock, new RunWork(task, evaluates ? validation : null, plan, 0, s_shape, options), plan.StepCount, evaluationInterval, checkpointInterval);
        List<(double Elapsed, double Total)> estimates = [];
        for (int step = 1; step <= plan.StepCount; step++)
        {
            bool isEvaluated = step % evaluationInterval == 0 || step == plan.StepCount;
            Pass((step == 1 ? 3 : 1) * 2 * plan.SamplesOfStep(step - 1).ToArray().Sum(sample => Seconds(samples[sample])) + 0.02);
            time.EndStep(step);
            if (evaluates && isEvaluated)
            {
                Pass(samples.Take(20).Sum(Seconds));
                time.EndEvaluation();
            }

            if (step % checkpointInterval == 0)
            {
                Pass(checkpointSeconds);
                time.End(RunPart.Checkpoint);
            }

            estimates.Add((time.Elapsed.TotalSeconds, (time.Elapsed + time.Remaining(step)).TotalSeconds));
            Pass(isEvaluated ? 1.5 : 0.01);
            time.EndReport(step);
        }

        double total = time.Elapsed.TotalSeconds;
        total.Should().BeInRange(180, 900);
        estimates.SkipWhile(estimate => estimate.Elapsed < 60).Select(estimate => estimate.Total / total).Should().NotBeEmpty().And.AllSatisfy(ratio => ratio.Should().BeInRange(0.7, 1.3));
        time.Remaining(plan.StepCount).Should().Be(TimeSpan.Zero);

        void Pass(double seconds) => clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    // The reference model computes a pair once: a later epoch, and a later evaluation, takes a forward pass less.
    [Theory]
    [InlineData(PreferenceMethod.Dpo, 2)]
    [InlineData(PreferenceMethod.Orpo, 1)]
    public void Remaining_Pairs_CountsTheReferenceOnce(PreferenceMethod method, int firstPassCount)
    {
        PreferencePair[] pairs = [.. Enumerable.Range(0, 8).Select(_ => new PreferencePair(Sample(100), Sample(100)))];
        var options = new TrainingOptions { BatchTokenCount = 200, EpochCount = 3, RecomputeActivations = true };
        PairTask task = new(pairs, s_shape.VocabularySize, new PreferenceOptions { Method = method }), validation = new([pairs[0]], s_shape.VocabularySize, new PreferenceOptions { Method = method });
        var plan = new TrainingPlan(task.Lengths, options);
        var clock = new ManualTimeProvider();
        var time = new TimeEstimate(clock, new RunWork(task, validation, plan, 0, s_shape, options), plan.StepCount, evaluationInterval: 8, checkpointInterval: null);

        // A step takes a forward pass, another one for the gradients and another one because activations are computed again; and here a pass takes a second.
        clock.Advance(TimeSpan.FromSeconds(2 + firstPassCount));
        time.EndStep(1);

        int epochs = 8 * 3 * 3, references = 8 * (firstPassCount - 1), evaluations = 3 + (firstPassCount - 1);
        time.Remaining(1).TotalSeconds.Should().BeApproximately(epochs + references + evaluations - 2 - firstPassCount, 1e-6);
    }

    private static TrainingSample Sample(int length) => new(new int[length + 1], Enumerable.Repeat(true, length + 1).ToArray());

    private static double Seconds(TrainingSample sample)
    {
        double length = sample.Tokens.Length - 1, layer = 4.0 * 768 * 768 + 3.0 * 768 * 3072;
        return (12 * layer + 32_000.0 * 768) * length / ProductsPerSecond + 12 * 768 * length * length / AttentionPerSecond;
    }
}
