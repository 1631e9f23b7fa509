namespace Llama2.Tests;

// Alone: what other tests allocate at the same time would count.
[CollectionDefinition(nameof(LlamaModelAllocationTests), DisableParallelization = true)]
[Collection(nameof(LlamaModelAllocationTests))]
public class LlamaModelAllocationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.8f)]
    public async Task GenerateAsync_AfterTheFirstToken_AllocatesNothing(float temperature)
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        var options = new GenerationOptions
        {
            Temperature = temperature,
            MaxTokens = 400, // more than are measured: the last update and what it carries are no token
            Seed = 5,
            IgnoreEndOfSequence = true,
            RepetitionPenalty = 1.1f,
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

    // Bytes that the whole process allocates from the first token to the last.
    private static async Task<long> AllocatedByTokens(LlamaModel model, GenerationOptions options)
    {
        long before = -1, after = -1;
        int count = 0;
        await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time", options))
        {
            count += update.Token is null ? 0 : 1;
            if (count == 1 && before < 0)
            {
                before = GC.GetTotalAllocatedBytes(precise: true);
            }
            else if (count == 300 && after < 0)
            {
                after = GC.GetTotalAllocatedBytes(precise: true);
            }
        }

        count.Should().Be(400);
        return after - before;
    }
}
