using System.Runtime.CompilerServices;

namespace Llama2.Samples.Tests;

/// <summary>A model whose generations all fail for the same reason.</summary>
/// <param name="model">The model whose vocabulary it has.</param>
/// <param name="reason">The exception that is thrown.</param>
/// <param name="beginning">The text of the answer before the exception; null for none.</param>
internal sealed class FailingModel(ILlamaModel model, Exception reason, string? beginning = null) : ILlamaModel
{
    // The name determines the prompt format of chats.
    public ModelConfiguration Configuration { get; } = model.Configuration with { Name = "Llama 2 7B Chat" };

    public ModelTokenizer Tokenizer => model.Tokenizer;

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        if (beginning is not null)
            yield return new GenerationUpdate(beginning, Tokenizer.Encode(beginning, addBeginOfSequence: false)[0]);
        throw reason;
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromException<float[][]>(reason);

    public void Dispose()
    {
    }
}
