using Llama2.Memory;
using Llama2.Tests;

namespace Llama2.Training.Tests.Model;

/// <summary>The classes that measure the memory of the process run alone.</summary>
[CollectionDefinition(nameof(AllocatedMemoryTests), DisableParallelization = true)]
#pragma warning disable CA1711 // The suffix of xUnit's collections.
public sealed class AllocatedMemoryCollection;
#pragma warning restore CA1711

/// <summary>
/// The estimate is compared with what training has allocated in native memory after steps, an evaluation and an answer: whatever the machine,
/// and without the runtime.
/// </summary>
[Collection(nameof(AllocatedMemoryTests))]
public sealed class AllocatedMemoryTests : IDisposable
{
    private const int BatchTokenCount = 512;
    private static readonly ModelShape s_shape = new(256, 12, 4, 2, 1024, BatchTokenCount);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The estimate leaves out what takes less than a thousandth: the scales of frozen norms, and sums of squares.
    [Theory]
    [InlineData("adapters", "F32")]
    [InlineData("adapters", "Q8_0")]
    [InlineData("adapters", "Q4_K_M")]
    [InlineData("NF4", "F16")]
    [InlineData("NF4 again", "F16")]
    [InlineData("again", "Q4_K_M")]
    [InlineData("dropout best", "Q8_0")]
    [InlineData("8 bits saved", "Q8_0")]
    [InlineData("rows", "Q8_0")]
    [InlineData("DoRA", "Q8_0")]
    [InlineData("DoRA again", "Q8_0")]
    [InlineData("DoRA dropout", "F16")]
    [InlineData("preferences", "Q4_K_M")]
    [InlineData("integers", "Q8_0")]
    [InlineData("whole", "F16")]
    [InlineData("whole 8 bits again", "F16")]
    [InlineData("whole preferences", "F32")]
    public void Memory_AfterTraining_IsWhatWasAllocated(string kind, string type)
    {
        string model = _folder.File("model.gguf");
        RandomModel.Write(model, s_shape, Enum.Parse<ModelQuantization>(type));
        bool Is(string word) => $" {kind} ".Contains($" {word} ", StringComparison.Ordinal);
        var options = new TrainingOptions
        {
            Lora = Is("whole") ? null : new LoraOptions { Dropout = Is("dropout") ? 0.1f : 0, SavedModules = Is("saved") ? SavedModules.All : SavedModules.None, UseWeightDecomposition = Is("DoRA"), EmbeddingTokens = Is("rows") ? [.. Enumerable.Range(500, 300)] : [], OutputTokens = Is("rows") ? [.. Enumerable.Range(0, 400)] : [] },
            BaseQuantization = Is("NF4") ? BaseQuantization.Nf4 : BaseQuantization.AsStored,
            RecomputeActivations = Is("again"),
            QuantizeMoments = kind.Contains("8 bits", StringComparison.Ordinal),
            QuantizeActivations = Is("integers"),
            KeepBest = Is("best"),
            Preference = Is("preferences") ? new PreferenceOptions() : null,
            BatchTokenCount = BatchTokenCount,
            ThreadCount = 2,
        };
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = MemoryBudget.AllocatedBytes;
        using LlamaTrainer trainer = LlamaTrainer.Open(model, options);
        TrainingDataset data = Is("preferences")
            ? new([new PreferencePair(Sample(1, BatchTokenCount / 2), Sample(2, BatchTokenCount / 2))])
            : new([Sample(1, BatchTokenCount), Sample(2, BatchTokenCount)]);

        trainer.Train(data, data);
        trainer.Generate([[1, 2, 3]], 2);

        long allocated = MemoryBudget.AllocatedBytes - before, estimated = trainer.Memory.TotalByteSize - trainer.Memory.RuntimeByteSize;
        ((double)estimated / allocated).Should().BeApproximately(1, 0.01, $"{estimated:N0} bytes were estimated, {allocated:N0} allocated");
        trainer.Memory.Should().Be(LlamaTrainer.EstimateMemory(model, options));
    }

    private static TrainingSample Sample(int seed, int length)
    {
        var random = new Random(seed);
        return new TrainingSample(Enumerable.Range(0, length + 1).Select(_ => random.Next(RandomModel.VocabularySize)).ToArray(), Enumerable.Repeat(true, length + 1).ToArray());
    }
}
