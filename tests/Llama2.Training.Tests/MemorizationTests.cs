using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>The trainer learns a hundred samples of random tokens by heart, which only a trainer that works can do.</summary>
public class MemorizationTests
{
    [Fact]
    public void Train_HundredShortSamples_KnowsThemByHeart()
    {
        var random = new Random(1);
        var samples = new TrainingDataset([.. Enumerable.Range(0, 100).Select(index => Sample(index, random))]);
        var options = new TrainingOptions
        {
            Lora = null,
            LearningRate = 1e-2,
            BatchTokenCount = 512,
            EpochCount = 200,
            ThreadCount = 2,
        };
        using LlamaTrainer trainer = LlamaTrainer.Open(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), options);

        double before = trainer.Evaluate(samples);
        trainer.Train(samples);

        before.Should().BeGreaterThan(5, "the words are random");
        trainer.Evaluate(samples).Should().BeLessThan(0.1);
    }

    // The first two tokens are given and identify the sample; the trainer must learn the four random tokens after them.
    private static TrainingSample Sample(int index, Random random)
    {
        int[] tokens = [1, 300 + index, .. Enumerable.Range(0, 4).Select(_ => random.Next(300, 900))];
        return new TrainingSample(tokens, (bool[])[false, false, true, true, true, true]);
    }
}
