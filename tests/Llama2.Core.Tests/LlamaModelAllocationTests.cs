using System.Runtime.Intrinsics;

namespace Llama2.Tests;

// Alone: what other tests allocate at the same time would count.
[CollectionDefinition(nameof(LlamaModelAllocationTests), DisableParallelization = true)]
[Collection(nameof(LlamaModelAllocationTests))]
public class LlamaModelAllocationTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0.8f, 0, 2)]
    [InlineData(0.8f, 4, 2)]
    public async Task GenerateAsync_AfterTheFirstToken_AllocatesNothing(float temperature, float mirostatTau, int threadCount)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 3 - threadCount });
        model.ThreadCount = threadCount;
        var options = new GenerationOptions
        {
            Temperature = temperature,
            MaxTokens = 180, // more than are measured: the last update and what it carries are no token
            Seed = 5,
            IgnoreEndOfSequence = true,
            RepetitionPenalty = 1.1f,
            DryMultiplier = 0.8f,
            XtcProbability = 0.5f,
            DynamicTemperatureRange = 0.2f,
            MirostatTau = mirostatTau,
            LogProbabilities = true,
            StopSequences = ["\u0001 never"],
        };
        await model.GenerateTextAsync("Once upon a time", options);
        long least = long.MaxValue;
        // The runtime's own threads allocate now and then; what a token allocates would show in every run.
        for (int repeat = 0; repeat < 20 && least > 0; repeat++)
        {
            least = Math.Min(least, await AllocatedByTokens(model, options));
        }

        least.Should().Be(0);
    }

    // Bytes that the whole process allocates while a number of tokens in a row are generated: the least over all such rows.
    private static async Task<long> AllocatedByTokens(LlamaModel model, GenerationOptions options)
    {
        // Without vector instructions a token takes so long that the runtime's threads allocate in any longer row.
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
