using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>A tiny model of random weights on disk, and samples for it.</summary>
public sealed class TinyTraining : IDisposable
{
    public static readonly ModelShape Shape = new(64, 2, 4, 2, 96, 64);
    private readonly TemporaryFolder _folder = new();

    public TinyTraining()
    {
        RandomModel.Write(Model("F32"), Shape, ModelQuantization.F32);
        RandomModel.Write(Model("Q8_0"), Shape, ModelQuantization.Q8_0);
    }

    public static TrainingOptions Options => new()
    {
        Lora = new LoraOptions { Rank = 4, Alpha = 8, Dropout = 0.1f },
        LearningRate = 1e-2,
        BatchTokenCount = 40,
        BatchesPerStep = 2,
        EpochCount = 4,
        ThreadCount = 2,
        Seed = 5,
    };

    public static TrainingDataset Data { get; } = new([.. Enumerable.Range(0, 12).Select(index => Sample(index, 6 + index % 7))]);

    public static IReadOnlyList<NewToken> NewTokens { get; } = [new("<|im_start|>", IsSpecial: true), new("new token")];

    /// <summary>The same samples, in which two of the tokens are <see cref="NewTokens"/>.</summary>
    public static TrainingDataset DataWithNewTokens { get; } = new([.. Data.Samples.Select(sample => new TrainingSample(
        sample.Tokens.ToArray().Select(token => token is 307 or 308 ? RandomModel.VocabularySize + token - 307 : token).ToArray(), sample.LossMask))]);

    public static TrainingDataset Preferences { get; } =
        new([.. Enumerable.Range(0, 8).Select(index => new PreferencePair(Sample(2 * index, 8 + index % 3), Sample(2 * index + 1, 9)))]);

    public static TrainingDataset Rated { get; } = new([.. Data.Samples.Select((sample, index) => sample with { IsDesirable = index % 3 != 0 })]);

    public string Model(string quantization) => Path($"tiny-{quantization}.gguf");

    public string Path(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    /// <summary>The loss of <see cref="Data"/> in float64, computed from the logits of generation.</summary>
    public static async Task<double> LossOf(LlamaModel model, IReadOnlyList<LlamaAdapterUse> adapters)
    {
        double loss = 0;
        int count = 0;
        foreach (TrainingSample sample in Data.Samples)
        {
            float[] logits = await model.ComputeLogitsAsync(sample.Tokens, new() { Adapters = adapters });
            for (int i = 1; i < sample.Tokens.Length; i++)
            {
                if (sample.LossMask.Span[i])
                {
                    double[] row = [.. logits.Skip((i - 1) * 32_000).Take(32_000)];
                    loss -= row[sample.Tokens.Span[i]] - Math.Log(row.Sum(Math.Exp));
                    count++;
                }
            }
        }

        return loss / count;
    }

    // The first two tokens are given, the others are learned.
    private static TrainingSample Sample(int seed, int length)
    {
        var random = new Random(seed);
        int[] tokens = [1, .. Enumerable.Range(1, length - 1).Select(_ => random.Next(300, 330))];
        return new TrainingSample(tokens, Enumerable.Range(0, length).Select(i => i > 1).ToArray());
    }
}
