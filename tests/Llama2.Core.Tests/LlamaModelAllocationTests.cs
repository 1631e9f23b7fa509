using System.Runtime.Intrinsics;
using Llama2.Formats.Gguf;
using Llama2.Tests.Adapters;

namespace Llama2.Tests;

// No other test may run at the same time, because its allocations would be counted.
[CollectionDefinition(nameof(LlamaModelAllocationTests), DisableParallelization = true)]
[Collection(nameof(LlamaModelAllocationTests))]
public class LlamaModelAllocationTests
{
    [Theory]
    [InlineData(0, 0, 1, false)]
    [InlineData(0.8f, 0, 2, false)]
    [InlineData(0.8f, 4, 2, false)]
    [InlineData(0, 0, 2, true)]
    public async Task GenerateAsync_AfterTheFirstToken_AllocatesNothing(float temperature, float mirostatTau, int threadCount, bool adapts)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 3 - threadCount });
        model.ThreadCount = threadCount;
        using var folder = new TemporaryFolder();
        using LlamaAdapter? adapter = adapts ? LoadAdapter(model, folder) : null;
        var options = new GenerationOptions
        {
            Temperature = temperature,
            MaxTokens = 180, // more tokens than are measured, because the last update, which has no token, allocates the object with the usage
            Seed = 5,
            IgnoreEndOfSequence = true,
            RepetitionPenalty = 1.1f,
            DryMultiplier = 0.8f,
            XtcProbability = 0.5f,
            DynamicTemperatureRange = 0.2f,
            MirostatTau = mirostatTau,
            LogProbabilities = true,
            StopSequences = ["\u0001 never"],
            Adapters = adapter is null ? [] : [new(adapter)],
        };
        await model.GenerateTextAsync("Once upon a time", options);
        long least = long.MaxValue;
        // The .NET runtime's own threads sometimes allocate; an allocation for each token would appear in every run.
        for (int repeat = 0; repeat < 20 && least > 0; repeat++)
        {
            least = Math.Min(least, await AllocatedByTokens(model, options));
        }

        least.Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_WithGuessesOfTheNextTokens_AllocatesNothing(bool isAdaptive)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 2 });
        var options = new GenerationOptions
        {
            Temperature = 0,
            MaxTokens = 180,
            IgnoreEndOfSequence = true,
            Speculation = new SpeculationOptions { IsAdaptive = isAdaptive },
        };
        GenerationUsage usage = (await model.GenerateTextAsync("Once upon a time", options)).Usage;
        long least = long.MaxValue;
        for (int repeat = 0; repeat < 20 && least > 0; repeat++)
        {
            least = Math.Min(least, await AllocatedByTokens(model, options));
        }

        least.Should().Be(0);
        if (!isAdaptive)
        {
            usage.DraftTokenCount.Should().BeGreaterThan(100);
        }
    }

    private static LlamaAdapter LoadAdapter(LlamaModel model, TemporaryFolder folder)
    {
        using var file = GgufFile.Open(model.Path);
        return model.LoadAdapter(new RandomAdapter(file, [.. RandomAdapter.Matrices(file), "token_embd.weight"], 8, 1).Write(folder));
    }

    // The bytes that the whole process allocates while a number of consecutive tokens are generated: the minimum over all such ranges of tokens.
    private static async Task<long> AllocatedByTokens(LlamaModel model, GenerationOptions options)
    {
        // Without vector instructions a token takes so long that the .NET runtime's threads allocate during every range of more than a few tokens.
        int rowLength = Vector128.IsHardwareAccelerated ? 100 : 4;
        long[] allocated = new long[100 + 1];
        int count = 0;
        await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time", options))
        {
            if (update.Token is not null && count++ < allocated.Length)
            {
                allocated[count - 1] = GC.GetTotalAllocatedBytes(precise: true);
            }
        }

        count.Should().Be(180);
        return Enumerable.Range(0, allocated.Length - rowLength).Min(start => allocated[start + rowLength] - allocated[start]);
    }
}
