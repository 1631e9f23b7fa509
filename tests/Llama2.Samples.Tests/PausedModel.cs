using System.Runtime.CompilerServices;

namespace Llama2.Samples.Tests;

/// <summary>A model that generates one word, and the last one only when the test lets it. It records the prefix scopes of its generations.</summary>
/// <param name="model">The model whose vocabulary it has.</param>
/// <param name="isPaused">Whether it waits before the last word.</param>
internal sealed class PausedModel(ILlamaModel model, bool isPaused = true) : ILlamaModel
{
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string?> _scopes = [];

    // The name determines the prompt format of chats.
    public ModelConfiguration Configuration { get; } = model.Configuration with { Name = "Llama 2 7B Chat" };

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Completes when an answer has begun.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Completes when an answer has been cancelled.</summary>
    public Task Cancelled => _cancelled.Task;

    /// <summary>The scopes, in the order of the requests.</summary>
    public IReadOnlyList<string?> Scopes => _scopes;

    public void GoOn() => _goesOn.TrySetResult();

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        lock (_scopes)
        {
            _scopes.Add(options?.PrefixScope);
        }

        _begun.TrySetResult();
        int token = Tokenizer.Encode("Well", addBeginOfSequence: false)[0];
        yield return new GenerationUpdate("Well", token);
        if (isPaused)
        {
            try
            {
                await _goesOn.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _cancelled.TrySetResult();
                throw;
            }
        }

        var usage = new GenerationUsage { PromptTokenCount = promptTokens.Length, GeneratedTokenCount = 2 };
        yield return new GenerationUpdate(", yes.", token, FinishReason: FinishReason.EndOfSequence, Usage: usage);
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public void Dispose()
    {
    }
}
