using System.Runtime.CompilerServices;

namespace Llama2.Server.Tests;

/// <summary>A model that generates a few tokens and then fails.</summary>
/// <param name="model">The model whose shape and vocabulary it has.</param>
/// <param name="goodCount">The number of tokens.</param>
/// <param name="fault">Creates the exception.</param>
internal sealed class FaultyModel(ILlamaModel model, int goodCount, Func<Exception> fault) : ILlamaModel
{
    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int token = Tokenizer.Encode("a", addBeginOfSequence: false)[^1];
        for (int i = 0; i < goodCount; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new GenerationUpdate("a", token);
        }

        throw fault();
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromException<float[][]>(fault());

    public void Dispose()
    {
    }
}
