using Llama2.Memory;

namespace Llama2.Tests;

/// <summary>Estimates are compared with the native memory that a model has allocated after a text as long as the context.</summary>
[Collection(nameof(Threading.Undisturbed))]
public sealed class LlamaModelAllocatedMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A context of 8,192 tokens of the draft model would take 67 MB in F32 or 34 MB in 16 bits; one of the length of the model takes 4 or 1 MB.
    [Theory]
    [InlineData(ModelQuantization.F32, null)]
    [InlineData(ModelQuantization.Q8_0, 300)]
    public async Task EstimateMemory_DraftModelWithALongerContext_CountsWhatItIsRunWith(ModelQuantization quantization, int? contextLength)
    {
        string path = _folder.File("model.gguf"), draft = _folder.File("draft.gguf");
        RandomModel.Write(path, new ModelShape(128, 2, 4, 4, 256, 400), quantization);
        RandomModel.Write(draft, new ModelShape(128, 8, 4, 4, 256, 8192), quantization);
        var options = new LlamaModelOptions
        {
            ThreadCount = 2,
            ContextLength = contextLength,
            Speculation = new SpeculationOptions { Sources = [DraftSource.DraftModel], IsAdaptive = false, MaxDraftLength = 1 },
        };
        long without = await AllocatedAsync(path, options);

        long with = await AllocatedAsync(path, options with { DraftModel = draft });

        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(path, options with { DraftModel = draft });
        // Estimates of buffers count two forms of the numbers, of which kernels use one.
        long buffers = LlamaModel.EstimateMemory(draft, options with { ContextLength = estimate.ContextLength }).ActivationByteSize;
        (with - without).Should().BeInRange(estimate.DraftModelByteSize - buffers, estimate.DraftModelByteSize);
        with.Should().BeInRange(estimate.RequiredByteSize - buffers - estimate.ActivationByteSize, estimate.RequiredByteSize);
    }

    private static async Task<long> AllocatedAsync(string path, LlamaModelOptions options)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = MemoryBudget.AllocatedBytes;
        using LlamaModel model = LlamaModel.Load(path, options);
        await model.GenerateAsync(new int[] { 1 }, new GenerationOptions { MaxTokens = model.ContextLength - 1, IgnoreEndOfSequence = true }).ToResultAsync();
        return MemoryBudget.AllocatedBytes - before;
    }
}
