using System.Runtime.CompilerServices;

namespace Llama2.Server.Tests;

/// <summary>A model whose generations end only when they are cancelled.</summary>
/// <param name="model">The model whose shape and vocabulary it has.</param>
/// <param name="generates">Whether it generates tokens; otherwise it waits.</param>
internal sealed class EndlessModel(ILlamaModel model, bool generates = true) : ILlamaModel
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously), _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runningCount;

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Completes when a generation has begun.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Completes when all generations that began have ended.</summary>
    public Task Ended => _ended.Task;

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _runningCount);
        _begun.TrySetResult();
        try
        {
            int token = Tokenizer.Encode("a", addBeginOfSequence: false)[^1];
            while (true)
            {
                if (generates)
                    await Task.Yield();
                else
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                yield return new GenerationUpdate("a", token);
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _runningCount) == 0)
                _ended.TrySetResult();
        }
    }

    public void Dispose()
    {
    }
}
