using Llama2.Formats.Gguf;
using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>
/// Training with validation: it stops when the validation loss no longer improves and ends with the best weights, and a resumed run is the same bit
/// for bit.
/// </summary>
public class LlamaTrainerValidationTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    // The validation tokens differ from those that are learned, so learning the samples by heart soon makes the validation loss worse.
    private static readonly TrainingDataset s_validation = new([.. Enumerable.Range(0, 5).Select(index => Other(index, 10))]);

    private static readonly TrainingDataset s_pairs = new([.. Enumerable.Range(0, 3).Select(index => new PreferencePair(Other(2 * index, 8), Other(2 * index + 1, 9)))]);

    private static TrainingOptions Options => TinyTraining.Options with { EvaluationInterval = 2, KeepBest = true, EpochCount = 12 };

    [Fact]
    public void Train_Validated_ReportsWhatEvaluateGivesEveryIntervalAndAtTheEnd()
    {
        using LlamaTrainer validated = Open(Options with { MaxStepCount = 5, KeepBest = false }), plain = Open(Options with { MaxStepCount = 5 });
        List<TrainingProgress> reports = [];
        Dictionary<int, double> expected = [];

        TrainingResult result = validated.Train(TinyTraining.Data, s_validation, new Reporter(reports.Add));
        TrainingResult other = plain.Train(TinyTraining.Data, progress: new Reporter(report => expected.Add(report.Step, plain.Evaluate(s_validation))));

        result.Losses.Should().Equal(other.Losses, "an evaluation changes nothing that is learned");
        reports.Select(report => report.ValidationLoss).Should().Equal(null, expected[2], null, expected[4], expected[5]);
        validated.Steps.Select(step => step.ValidationLoss).Should().Equal(reports.Select(report => report.ValidationLoss));
        result.BestLoss.Should().Be(new[] { expected[2], expected[4], expected[5] }.Min());
        reports.Where(report => report.ValidationLoss is not null).Should().OnlyContain(report => report.IsBest == !reports.Take(report.Step - 1).Any(earlier => earlier.ValidationLoss <= report.ValidationLoss));
        validated.Evaluate(s_validation).Should().Be(expected[5], "without KeepBest the last weights stay");
    }

    // Only the receiver moves the clock: ten seconds where an evaluation is due, a second otherwise.
    [Fact]
    public void Train_ReceiverTakesTime_IsPartOfTheRemainingTime()
    {
        using LlamaTrainer trainer = Open(Options with { MaxStepCount = 7, EvaluationInterval = 3 });
        var clock = new ManualTimeProvider();
        trainer.Time = clock;
        List<(double Elapsed, double Remaining)> times = [];

        trainer.Train(TinyTraining.Data, s_validation, new Reporter(report =>
        {
            times.Add((report.Elapsed.TotalSeconds, report.Remaining.TotalSeconds));
            clock.Advance(TimeSpan.FromSeconds(report.ValidationLoss is null ? 1 : 10));
        }));

        // Steps 3, 6 and 7 are evaluated.
        times.Should().Equal((0, 0), (1, 2), (2, 2), (12, 21), (13, 20), (14, 10), (24, 0));
    }

    [Fact]
    public void Train_KeepsBest_EndsWithTheWeightsOfTheSmallestValidationLoss()
    {
        using LlamaTrainer trainer = Open(Options), upToBest = Open(Options);

        TrainingResult result = trainer.Train(TinyTraining.Data, s_validation);

        result.BestStep.Should().BeLessThan(result.StepCount, "learning by heart must have made it worse, or this test shows nothing");
        result.HasStoppedEarly.Should().BeFalse();
        trainer.Evaluate(s_validation).Should().Be(result.BestLoss);
        using var cancellation = new CancellationTokenSource();
        FluentActions.Invoking(() => upToBest.Train(TinyTraining.Data, progress: new Reporter(report => Cancel(report, result.BestStep!.Value, cancellation)), cancellationToken: cancellation.Token)).Should().Throw<OperationCanceledException>();
        SaveWeights(trainer).Should().Equal(SaveWeights(upToBest), "they are the weights that training had at the best step");
    }

    [Fact]
    public void Train_Patience_StopsThatManyEvaluationsAfterTheBest()
    {
        using LlamaTrainer trainer = Open(Options with { Patience = 2, KeepBest = false });
        List<TrainingProgress> reports = [];

        TrainingResult result = trainer.Train(TinyTraining.Data, s_validation, new Reporter(reports.Add));

        result.HasStoppedEarly.Should().BeTrue();
        result.StepCount.Should().Be(result.BestStep + 4).And.BeLessThan(reports[0].StepCount);
        reports.Last(report => report.IsBest).Step.Should().Be(result.BestStep);
        trainer.Evaluate(s_validation).Should().Be(result.BestLoss);
    }

    [Theory]
    [InlineData("samples", 3)]
    [InlineData("samples", 4)]
    [InlineData("samples", 7)]
    [InlineData("preferences", 3)]
    [InlineData("all weights", 4)]
    public void Resume_ValidatedRun_HasTheCurveAndTheWeightsOfOneThatNeverStopped(string kind, int cancelledStep)
    {
        string path = tiny.Path($"{kind}-{cancelledStep}.checkpoint");
        TrainingOptions options = Options with { MaxStepCount = 9, Patience = 2, CheckpointPath = path, Lora = kind == "all weights" ? null : Options.Lora! with { Dropout = 0 } };
        using LlamaTrainer whole = Open(options with { CheckpointPath = null }), first = Open(options), second = Open(options);
        TrainingResult expected = Train(whole, kind, null, default);
        using var cancellation = new CancellationTokenSource();

        if (cancelledStep < expected.StepCount)
        {
            FluentActions.Invoking(() => Train(first, kind, new Reporter(report => Cancel(report, cancelledStep, cancellation)), cancellation.Token)).Should().Throw<OperationCanceledException>();
        }
        else
        {
            Train(first, kind, null, default);
        }

        second.Resume(path);
        TrainingResult resumed = Train(second, kind, null, default);

        second.Steps.Should().Equal(whole.Steps);
        (resumed.StepCount, resumed.BestStep, resumed.BestLoss, resumed.HasStoppedEarly).Should().Be((expected.StepCount, expected.BestStep, expected.BestLoss, expected.HasStoppedEarly));
        Save(second).Should().Equal(Save(whole));
    }

    [Fact]
    public void Resume_CancelledWithinAnEvaluation_MakesItBeforeItGoesOn()
    {
        string path = tiny.Path("evaluation.checkpoint");
        TrainingOptions options = Options with { MaxStepCount = 6, CheckpointPath = path, CheckpointInterval = 1 };
        using LlamaTrainer whole = Open(options with { CheckpointPath = null }), first = Open(options), second = Open(options);
        whole.Train(TinyTraining.Data, s_validation);
        using var cancellation = new CancellationTokenSource();
        var watched = new Watched(s_validation.Samples);

        // Reading the first batch of the second evaluation shows that this evaluation has begun. The cancellation token is cancelled at that moment, so the
        // evaluation ends before its second batch.
        FluentActions.Invoking(() => first.Train(TinyTraining.Data, new TrainingDataset(watched), new Reporter(report => watched.Arm(report.Step == 3 ? cancellation : null)), cancellation.Token))
            .Should().Throw<OperationCanceledException>();
        first.StepCount.Should().Be(4);
        first.Steps[^1].ValidationLoss.Should().BeNull("the evaluation was cancelled");
        second.Resume(path);
        second.Train(TinyTraining.Data, s_validation);

        second.Steps.Should().Equal(whole.Steps);
        Save(second).Should().Equal(Save(whole));
    }

    [Fact]
    public void Resume_OtherValidationSamples_IsRefused()
    {
        string path = tiny.Path("other-validation.checkpoint");
        TrainingOptions options = Options with { MaxStepCount = 2, CheckpointPath = path };
        using LlamaTrainer first = Open(options), second = Open(options);
        first.Train(TinyTraining.Data, s_validation);
        second.Resume(path);

        FluentActions.Invoking(() => second.Train(TinyTraining.Data, new TrainingDataset([.. s_validation.Samples.Skip(1)]))).Should().Throw<CheckpointException>().WithMessage("*other data*");
        FluentActions.Invoking(() => second.Train(TinyTraining.Data)).Should().Throw<CheckpointException>().WithMessage("*other data*");
    }

    [Fact]
    public void Train_ValidationOfTheOtherKind_IsRefused()
    {
        using LlamaTrainer trainer = Open(Options);

        FluentActions.Invoking(() => trainer.Train(TinyTraining.Data, s_pairs)).Should().Throw<ArgumentException>().WithParameterName("validation").WithMessage("*cannot be compared*");
        FluentActions.Invoking(() => trainer.Train(TinyTraining.Preferences, s_validation)).Should().Throw<ArgumentException>().WithParameterName("validation");
        trainer.StepCount.Should().Be(0);
    }

    [Fact]
    public void EstimateMemory_KeepsBest_CountsThem()
    {
        TrainingMemory without = LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options with { KeepBest = false }), with = LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options);

        (with.ParameterByteSize - without.ParameterByteSize).Should().Be(without.ParameterByteSize / 2);
        LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options with { KeepBest = false, Patience = 3 }).Should().Be(with);
    }

    private LlamaTrainer Open(TrainingOptions options) => LlamaTrainer.Open(tiny.Model("F32"), options);

    // The bytes of an adapter's tensors. Its record of the training states how many steps were made, and differs.
    private byte[] SaveWeights(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(path);
        using GgufFile file = GgufFile.Open(path);
        return [.. file.Tensors.SelectMany(tensor =>
        {
            byte[] bytes = new byte[tensor.ByteSize];
            file.Read(tensor, 0, bytes);
            return bytes;
        })];
    }

    private byte[] Save(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        if (trainer.ParameterCount > 100_000)
        {
            trainer.SaveModel(path);
        }
        else
        {
            trainer.SaveAdapter(path);
        }

        return File.ReadAllBytes(path);
    }

    private static TrainingResult Train(LlamaTrainer trainer, string kind, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        (TrainingDataset data, TrainingDataset validation) = kind == "preferences" ? (TinyTraining.Preferences, s_pairs) : (TinyTraining.Data, s_validation);
        return trainer.Train(data, validation, progress, cancellationToken);
    }

    private static void Cancel(TrainingProgress report, int step, CancellationTokenSource cancellation)
    {
        if (report.Step == step)
        {
            cancellation.Cancel();
        }
    }

    private static TrainingSample Other(int seed, int length)
    {
        var random = new Random(1000 + seed);
        int[] tokens = [1, .. Enumerable.Range(1, length - 1).Select(_ => random.Next(340, 370))];
        return new TrainingSample(tokens, Enumerable.Range(0, length).Select(i => i > 1).ToArray());
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    /// <summary>Samples that, once the test has armed them, cancel a cancellation token when they are read.</summary>
    private sealed class Watched(IReadOnlyList<TrainingSample> samples) : IReadOnlyList<TrainingSample>
    {
        private CancellationTokenSource? _cancellation;

        public int Count => samples.Count;

        public TrainingSample this[int index]
        {
            get
            {
                _cancellation?.Cancel();
                return samples[index];
            }
        }

        public void Arm(CancellationTokenSource? cancellation) => _cancellation = cancellation;

        public IEnumerator<TrainingSample> GetEnumerator() => samples.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
