using System.Runtime.CompilerServices;

namespace Llama2.Server.Tests;

/// <summary>A model that generates a few tokens and then fails; an endless one never does.</summary>
internal sealed class FaultyModel(ILlamaModel model, int goodCount, Func<Exception>? fault) : ILlamaModel
{
    private readonly TaskCompletionSource _hasBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _isEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Completes when the generation has begun.</summary>
    public Task Begun => _hasBegun.Task;

    /// <summary>Completes when the generation has ended, because of the fault or because its reader left.</summary>
    public Task Ended => _isEnded.Task;

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            _hasBegun.TrySetResult();
            int token = Tokenizer.Encode("a", addBeginOfSequence: false)[^1];
            for (int i = 0; i < goodCount; i++)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return new GenerationUpdate("a", token);
            }

            if (fault is not null)
                throw fault();
        }
        finally
        {
            _isEnded.TrySetResult();
        }
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromException<float[][]>(fault!());

    public void Dispose()
    {
    }
}
