using Llama2.Training.Model;

namespace Llama2.Training.Tests;

/// <summary>A run that has finished is extended from its checkpoint: nothing that it has learned is learned again, and nothing is left out.</summary>
public class LlamaTrainerExtensionTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static TrainingOptions Options => TinyTraining.Options with { EpochCount = 3, CheckpointInterval = 2 };

    [Fact]
    public void Resume_FinishedRun_LearnsEachSampleOnceMoreInEachFurtherEpoch()
    {
        string path = tiny.Path("finished.checkpoint");
        TrainingResult former = Train(Options with { CheckpointPath = path }, resumes: false, out _);

        TrainingResult extended = Train(Options with { EpochCount = 5, CheckpointPath = path }, resumes: true, out IReadOnlyList<TrainingStep> steps);

        // Two epochs by themselves: their samples are packed like those of a run of two epochs, because the first begins with a new batch.
        int[] lengths = [.. TinyTraining.Data.Samples.Select(sample => sample.Tokens.Length - 1)];
        int[] both = Samples(new TrainingPlan(lengths, Options with { EpochCount = 5 }, 3));
        both.Should().Equal(Samples(new TrainingPlan(lengths, Options with { EpochCount = 5 })), "the order of samples does not depend on where a run ended");
        both.CountBy(sample => sample).Should().OnlyContain(pair => pair.Value == 5);
        extended.Losses.Should().HaveCount(extended.StepCount - former.StepCount).And.NotBeEmpty();
        steps.Select(step => step.Loss).Should().Equal([.. former.Losses, .. extended.Losses]);
        steps[former.StepCount].LearningRate.Should().BeGreaterThan(steps[former.StepCount - 1].LearningRate, "the rate goes on along the schedule of all steps").And.BeLessThan(Options.LearningRate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Resume_ExtendedRunThatWasCancelled_GoesOnBitForBit(int stepCount)
    {
        string path = tiny.Path($"extended-{stepCount}.checkpoint"), copy = tiny.Path($"copy-{stepCount}.checkpoint");
        Train(Options with { CheckpointPath = path }, resumes: false, out _);
        File.Copy(path, copy);
        TrainingOptions longer = Options with { EpochCount = 6 };
        byte[] whole = Train(longer with { CheckpointPath = copy }, resumes: true, out _, out TrainingResult expected);
        using var cancellation = new CancellationTokenSource();

        using (LlamaTrainer cancelled = LlamaTrainer.Open(tiny.Model("F32"), longer with { CheckpointPath = path }))
        {
            cancelled.Resume(path, extend: true);
            int last = cancelled.StepCount + stepCount;
            FluentActions.Invoking(() => cancelled.Train(TinyTraining.Data, progress: new Reporter(report => Cancel(report, last, cancellation)), cancellationToken: cancellation.Token)).Should().Throw<OperationCanceledException>();
        }

        using LlamaTrainer resumed = LlamaTrainer.Open(tiny.Model("F32"), longer with { CheckpointPath = path });
        resumed.Resume(path);
        resumed.Train(TinyTraining.Data).StepCount.Should().Be(expected.StepCount);
        Save(resumed).Should().Equal(whole);
    }

    [Fact]
    public void Resume_MoreStepsOfTheSameEpochs_IsTheRunThatWasNotEnded()
    {
        string path = tiny.Path("steps.checkpoint");
        TrainingOptions options = Options with { Schedule = LearningRateSchedule.Constant, WarmupFraction = 0 };
        byte[] whole = Train(options, resumes: false, out _, out _);
        Train(options with { MaxStepCount = 2, CheckpointPath = path }, resumes: false, out _);

        byte[] extended = Train(options with { CheckpointPath = path }, resumes: true, out _, out _);

        extended.Should().Equal(whole);
    }

    [Fact]
    public void Resume_OtherLength_IsRefusedUnlessItExtends()
    {
        string path = tiny.Path("length.checkpoint");
        Train(Options with { CheckpointPath = path }, resumes: false, out _);
        using LlamaTrainer longer = LlamaTrainer.Open(tiny.Model("F32"), Options with { EpochCount = 4 }), shorter = LlamaTrainer.Open(tiny.Model("F32"), Options with { EpochCount = 2 }), fewer = LlamaTrainer.Open(tiny.Model("F32"), Options with { MaxStepCount = 1 });

        FluentActions.Invoking(() => longer.Resume(path)).Should().Throw<CheckpointException>().WithMessage("*was made in a run of 3 epochs; resume with the same length, or extend the run (--extend)*");
        FluentActions.Invoking(() => shorter.Resume(path, extend: true)).Should().Throw<CheckpointException>().WithMessage("*was made in a run of 3 epochs, after * must have as many epochs and steps, or more*");
        FluentActions.Invoking(() => fewer.Resume(path, extend: true)).Should().Throw<CheckpointException>().WithMessage("*as many epochs and steps, or more*");
    }

    [Fact]
    public void Plan_ExtendedAfterAnEpoch_BeginsAStepThere()
    {
        // Batches of 40 tokens hold two samples of 20; a step has two batches. Five samples are thus two steps, of which the second is not full.
        int[] lengths = [20, 20, 20, 20, 20];
        TrainingOptions options = Options with { EpochCount = 2 };

        var one = new TrainingPlan(lengths, options with { EpochCount = 1 });
        var two = new TrainingPlan(lengths, options, 1);
        var unextended = new TrainingPlan(lengths, options);

        (one.StepCount, two.StepCount, unextended.StepCount).Should().Be((2, 4, 3));
        for (int step = 0; step < one.StepCount; step++)
        {
            two.SamplesOfStep(step).ToArray().Should().Equal(one.SamplesOfStep(step).ToArray());
        }

        two.SamplesOfStep(1).Length.Should().Be(1);
        two.SamplesOfStep(2).Length.Should().Be(4);
    }

    private TrainingResult Train(TrainingOptions options, bool resumes, out IReadOnlyList<TrainingStep> steps)
    {
        Train(options, resumes, out steps, out TrainingResult result);
        return result;
    }

    private byte[] Train(TrainingOptions options, bool resumes, out IReadOnlyList<TrainingStep> steps, out TrainingResult result)
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), options);
        if (resumes)
        {
            trainer.Resume(options.CheckpointPath!, extend: true);
        }

        result = trainer.Train(TinyTraining.Data);
        steps = [.. trainer.Steps];
        return Save(trainer);
    }

    private byte[] Save(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(path);
        return File.ReadAllBytes(path);
    }

    private static int[] Samples(TrainingPlan plan) => [.. Enumerable.Range(0, plan.StepCount).SelectMany(step => plan.SamplesOfStep(step).ToArray())];

    private static void Cancel(TrainingProgress report, int step, CancellationTokenSource cancellation)
    {
        if (report.Step == step)
        {
            cancellation.Cancel();
        }
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
