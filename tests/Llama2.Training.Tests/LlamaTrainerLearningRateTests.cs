using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>The search of a learning rate finds one with which training is fast, and leaves no trace.</summary>
public class LlamaTrainerLearningRateTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    [Fact]
    public void FindLearningRate_RisingRates_ShowsWhereTheLossIsSmallest()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options);
        List<LearningRatePoint> reported = [];

        LearningRateSearch search = trainer.FindLearningRate(TinyTraining.Data, new LearningRateSearchOptions { MinLearningRate = 1e-5, MaxLearningRate = 1e5, StepCount = 101 }, new Reporter(reported.Add));

        search.Points.Should().Equal(reported);
        search.Points[^1].SmoothedLoss.Should().BeGreaterThan(search.Smallest.SmoothedLoss, "the last rates are far too high");
        search.Points.Zip(search.Points.Skip(1)).Should().OnlyContain(pair => Math.Abs(pair.Second.LearningRate / pair.First.LearningRate - Math.Pow(10, 0.1)) < 1e-6);
        search.Points[0].SmoothedLoss.Should().BeApproximately(search.Points[0].Loss, 1e-9);
        // The mean as its definition says: weights of 0.98 to the power of the age.
        int last = search.Points.Count - 1;
        double weighted = Enumerable.Range(0, last + 1).Sum(i => Math.Pow(0.98, last - i) * search.Points[i].Loss) / Enumerable.Range(0, last + 1).Sum(i => Math.Pow(0.98, last - i));
        search.Points[last].SmoothedLoss.Should().BeApproximately(weighted, 1e-9 * weighted);
        search.Smallest.SmoothedLoss.Should().Be(search.Points.Min(point => point.SmoothedLoss)).And.BeLessThan(search.Points[0].Loss);
        search.SuggestedLearningRate.Should().BeApproximately(search.Smallest.LearningRate / 10, 1e-12);
    }

    [Fact]
    public void FindLearningRate_Afterwards_TrainingIsAsWithoutIt()
    {
        using LlamaTrainer searched = LlamaTrainer.Open(tiny.Model("Q8_0"), TinyTraining.Options), plain = LlamaTrainer.Open(tiny.Model("Q8_0"), TinyTraining.Options);

        searched.FindLearningRate(TinyTraining.Data, new LearningRateSearchOptions { StepCount = 10 });
        using var cancellation = new CancellationTokenSource();
        FluentActions.Invoking(() => searched.FindLearningRate(TinyTraining.Data, null, new Reporter(_ => cancellation.Cancel()), cancellation.Token)).Should().Throw<OperationCanceledException>();

        searched.Steps.Should().BeEmpty();
        searched.Train(TinyTraining.Data).Losses.Should().Equal(plain.Train(TinyTraining.Data).Losses);
        FluentActions.Invoking(() => searched.FindLearningRate(TinyTraining.Data)).Should().Throw<InvalidOperationException>().WithMessage("*before the first step*");
    }

    // A rate is good if a short training with it reaches nearly the smallest loss that any rate reaches, on a grid of rates.
    [Fact]
    public void FindLearningRate_Demonstration_SuggestsARateThatTrainsWell()
    {
        string modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");
        double[] rates = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];
        double suggested = 0;
        double Train(double rate)
        {
            using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { LearningRate = rate, MaxStepCount = 30, EpochCount = 5, BatchTokenCount = 256 });
            TrainingDataset data = TrainingDataset.Load(RepositoryFiles.Committed("samples", "FineTune", "sailor.jsonl"), trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 256 });
            if (suggested == 0)
                suggested = trainer.FindLearningRate(data).SuggestedLearningRate;
            return trainer.Train(data).Losses.TakeLast(5).Average();
        }

        double[] losses = [.. rates.Select(Train)];

        Train(suggested).Should().BeLessThan(losses.Min() + 0.25 * (losses[0] - losses.Min()));
    }

    [Fact]
    public void Search_LossFourTimesTheSmallest_HasDiverged()
    {
        var search = new LearningRateSearch();
        for (int i = 0; i < 20; i++)
            search.Add(1e-3, 1);
        search.HasDiverged.Should().BeFalse();

        int count = 0;
        while (!search.HasDiverged && count < 100)
        {
            search.Add(1, 20);
            count++;
        }

        // After n losses of 20, the mean is 1 + 19 · (1 − 0.98ⁿ) / (1 − 0.98²⁰⁺ⁿ), which exceeds 4 at n = 3.
        count.Should().Be(3);
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        FluentActions.Invoking(() => new LearningRateSearchOptions { MinLearningRate = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LearningRateSearchOptions { MaxLearningRate = double.PositiveInfinity }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LearningRateSearchOptions { StepCount = 9 }).Should().Throw<ArgumentOutOfRangeException>();
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options);
        FluentActions.Invoking(() => trainer.FindLearningRate(TinyTraining.Data, new LearningRateSearchOptions { MinLearningRate = 1 })).Should().Throw<ArgumentException>().WithMessage("*must be above*");
    }

    private sealed class Reporter(Action<LearningRatePoint> report) : IProgress<LearningRatePoint>
    {
        public void Report(LearningRatePoint value) => report(value);
    }
}
