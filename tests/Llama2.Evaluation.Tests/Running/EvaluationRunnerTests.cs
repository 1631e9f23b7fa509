using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Running;

public sealed class EvaluationRunnerTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly string[] s_choices = ["home", "to the park and played with a ball", "away. The", "moo"];

    private readonly ModelBackend _backend = new(demonstration.Model);

    [Fact]
    public async Task RunAsync_ManyExamplesAtOnce_GivesTheSameBitsAsOneAfterTheOther()
    {
        ChoiceTask task = CreateTask(60);

        EvaluationReport alone = await EvaluationRunner.RunAsync(_backend, [task], new EvaluationRunOptions { ConcurrentExampleCount = 1 });
        EvaluationReport together = await EvaluationRunner.RunAsync(_backend, [task], new EvaluationRunOptions { ConcurrentExampleCount = 60 });

        BitsOf(together).Should().Equal(BitsOf(alone));
    }

    [Fact]
    public async Task RunAsync_Accuracy_HasTheStandardErrorOfTheMean()
    {
        EvaluationReport report = await EvaluationRunner.RunAsync(_backend, [CreateTask(40)]);

        MetricResult accuracy = report.Tasks.Should().ContainSingle().Which.Metrics.Should().ContainSingle().Subject;
        double mean = report.Tasks[0].Examples.Count(example => example.Score.IsCorrect == true) / 40.0;
        accuracy.Value.Should().Be(mean);
        // Of zeros and ones, the sample variance is n/(n-1)·p·(1-p).
        accuracy.StandardError.Should().BeApproximately(Math.Sqrt(mean * (1 - mean) / 39), 1e-12);
        mean.Should().BeInRange(0.01, 0.99, "a task on which all answers are equal shows nothing");
    }

    [Fact]
    public async Task RunAsync_Limit_ComputesTheFirstExamples()
    {
        EvaluationReport report = await EvaluationRunner.RunAsync(_backend, [CreateTask(9), CreateTask(3, "second")], new EvaluationRunOptions { MaxExampleCount = 4 });

        report.Tasks.Select(task => (task.Examples.Count, task.TotalExampleCount)).Should().Equal((4, 9), (3, 3));
    }

    [Fact]
    public async Task RunAsync_Progress_CountsEachExampleOnce()
    {
        List<EvaluationRunProgress> reports = [];

        await EvaluationRunner.RunAsync(_backend, [CreateTask(7), CreateTask(5, "second")], progress: new ListProgress(reports));

        reports.Select(report => report.CompletedCount).Should().Equal(Enumerable.Range(1, 12));
        reports.Should().OnlyContain(report => report.TotalCount == 12);
        reports[^1].Fraction.Should().Be(1);
    }

    [Fact]
    public async Task RunAsync_NoTasksOrEqualNames_AreRefused()
    {
        Func<Task> none = () => EvaluationRunner.RunAsync(_backend, []);
        Func<Task> equal = () => EvaluationRunner.RunAsync(_backend, [CreateTask(1), CreateTask(2)]);

        await none.Should().ThrowAsync<ArgumentException>();
        await equal.Should().ThrowAsync<ArgumentException>().WithMessage("*'choices'*");
    }

    [Fact]
    public async Task RunAsync_InterruptedAtAnyRequest_ContinuesWithTheSameResults()
    {
        ChoiceTask task = CreateTask(12);
        EvaluationReport whole = await EvaluationRunner.RunAsync(_backend, [task]);
        foreach (int count in (int[])[0, 1, 7, 20, 47])
        {
            string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            try
            {
                using var interruption = new CancellationTokenSource();
                var limited = new LimitedBackend(_backend, count, interruption);
                Func<Task> run = () => EvaluationRunner.RunAsync(limited, [task], new EvaluationRunOptions { JournalPath = path, ConcurrentExampleCount = 3 }, cancellationToken: interruption.Token);
                await run.Should().ThrowAsync<OperationCanceledException>();

                EvaluationReport resumed = await EvaluationRunner.RunAsync(_backend, [task], new EvaluationRunOptions { JournalPath = path });

                BitsOf(resumed).Should().Equal(BitsOf(whole));
                resumed.StoredResponseCount.Should().Be(count);
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    [Fact]
    public async Task RunAsync_GroupOfTasks_IsWeightedBySize()
    {
        EvaluationTaskGroup weighted = new("all", ["choices", "inner"]) { Metrics = ["acc"] }, inner = new("inner", ["second"]) { Metrics = ["acc"] };
        EvaluationTaskGroup equal = weighted with { Name = "equal", IsWeightedBySize = false };

        EvaluationReport report = await EvaluationRunner.RunAsync(
            _backend, [CreateTask(30), CreateTask(10, "second", shift: 1)], new EvaluationRunOptions { Groups = [weighted, inner, equal] });

        MetricResult first = report.Tasks[0].Metrics[0], second = report.Tasks[1].Metrics[0];
        report.Groups[0].Metrics[0].Value.Should().BeApproximately(((30 * first.Value) + (10 * second.Value)) / 40, 1e-12);
        report.Groups[1].Metrics[0].Value.Should().Be(second.Value);
        report.Groups[2].Metrics[0].Value.Should().BeApproximately((first.Value + second.Value) / 2, 1e-12);
        // √(Σ (n-1)·s² / Σ (n-1)) / √N, where s² is the sample variance, n times the squared standard error.
        double pooled = Math.Sqrt(((29 * 30 * Square(first)) + (9 * 10 * Square(second))) / 38) / Math.Sqrt(40);
        report.Groups[0].Metrics[0].StandardError.Should().BeApproximately(pooled, 1e-12);
        report.Groups[0].TaskNames.Should().Equal("choices", "second");

        static double Square(MetricResult result) => result.StandardError!.Value * result.StandardError.Value;
    }

    [Fact]
    public async Task RunAsync_GroupWithATaskWhoseMetricNoExampleHas_IsThatOfTheOthers()
    {
        EvaluationTaskGroup weighted = new("all", ["choices", "other"]) { Metrics = ["acc"] }, equal = weighted with { Name = "equal", IsWeightedBySize = false };

        EvaluationReport report = await EvaluationRunner.RunAsync(
            _backend, [CreateTask(5), new UnscoredTask(CreateTask(5, "other"))], new EvaluationRunOptions { Groups = [weighted, equal, new EvaluationTaskGroup("none", ["other"]) { Metrics = ["acc"] }] });

        MetricResult first = report.Tasks[0].Metrics[0];
        report.Tasks[1].Metrics[0].Value.Should().Be(double.NaN);
        report.Groups[0].Metrics.Single().Should().Be(first);
        report.Groups[1].Metrics.Single().Should().Be(first);
        report.Groups[2].Metrics.Single().Should().Be(new MetricResult(first.Metric, double.NaN, null, 0));
    }

    [Theory]
    [InlineData("choices")]
    [InlineData("group")]
    public async Task RunAsync_GroupNamedAsATaskOrAnotherGroup_IsRefused(string name)
    {
        Func<Task> run = () => EvaluationRunner.RunAsync(
            _backend, [CreateTask(1)], new EvaluationRunOptions { Groups = [new EvaluationTaskGroup("group", ["choices"]), new EvaluationTaskGroup(name, ["choices"])] });

        await run.Should().ThrowAsync<ArgumentException>().WithMessage($"*'{name}'*");
    }

    [Fact]
    public async Task RunAsync_GroupThatContainsItself_IsRefused()
    {
        var group = new EvaluationTaskGroup("ring", ["ring", "choices"]) { Metrics = ["acc"] };

        Func<Task> run = () => EvaluationRunner.RunAsync(_backend, [CreateTask(1)], new EvaluationRunOptions { Groups = [group] });

        await run.Should().ThrowAsync<EvaluationDataException>().WithMessage("*'ring'*");
    }

    private static ChoiceTask CreateTask(int count, string name = "choices", int shift = 0) => new(
        name, [.. Enumerable.Range(0, count).Select(i => ($"Once upon a time, there were {i + shift} dogs. One dog ran", s_choices, (i + shift) % 2))]);

    private static long[] BitsOf(EvaluationReport report)
        => [.. report.Tasks.SelectMany(task => task.Examples).SelectMany(example => example.Responses).Select(response => BitConverter.DoubleToInt64Bits(response.LogLikelihood))];

    private sealed class ListProgress(List<EvaluationRunProgress> reports) : IProgress<EvaluationRunProgress>
    {
        public void Report(EvaluationRunProgress value) => reports.Add(value);
    }

    private sealed class LimitedBackend(IEvaluationBackend inner, int count, CancellationTokenSource interruption) : IEvaluationBackend
    {
        private int _count;

        public string Name => inner.Name;

        public string Fingerprint => inner.Fingerprint;

        public async Task<EvaluationResponse> AnswerAsync(EvaluationRequest request, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _count) > count)
            {
                await interruption.CancelAsync();
                throw new OperationCanceledException(interruption.Token);
            }

            return await inner.AnswerAsync(request, CancellationToken.None);
        }
    }

    private sealed class UnscoredTask(IEvaluationTask task) : IEvaluationTask
    {
        public EvaluationTaskInfo Info => task.Info;

        public IReadOnlyList<TaskMetric> Metrics => task.Metrics;

        public int ExampleCount => task.ExampleCount;

        public EvaluationExample CreateExample(int index) => task.CreateExample(index);

        public ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
            => ValueTask.FromResult(new EvaluationScore(new Dictionary<string, MetricSample>()));
    }
}
