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
        (await AllocatedByTokens(model, options)).Should().OnlyContain(byteCount => byteCount == 0);
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
        (await AllocatedByTokens(model, options)).Should().OnlyContain(byteCount => byteCount == 0);
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

    // The bytes that the whole process allocates during each of five rows of tokens: the minimum of several equal generations. The .NET runtime's own
    // threads allocate now and then, on a busy machine several times in a generation, but not during the same row each time.
    private static async Task<long[]> AllocatedByTokens(LlamaModel model, GenerationOptions options)
    {
        // Without vector instructions a token takes so long that these threads allocate during every row of more than a few tokens.
        int rowLength = Vector128.IsHardwareAccelerated ? 20 : 4;
        long[] least = new long[5], allocated = new long[least.Length + 1];
        Array.Fill(least, long.MaxValue);
        for (int repeat = 0; repeat < 20 && least.Any(byteCount => byteCount > 0); repeat++)
        {
            int count = 0;
            await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time", options))
            {
                if (update.Token is not null && count++ % rowLength == 0 && count / rowLength < allocated.Length)
                {
                    allocated[count / rowLength] = GC.GetTotalAllocatedBytes(precise: true);
                }
            }

            count.Should().Be(180);
            for (int i = 0; i < least.Length; i++)
            {
                least[i] = Math.Min(least[i], allocated[i + 1] - allocated[i]);
            }
        }

        return least;
    }
}
