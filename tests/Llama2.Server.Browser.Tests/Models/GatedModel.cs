using System.Runtime.CompilerServices;

namespace Llama2.Server.Browser.Tests.Models;

/// <summary>A model that generates as another does, but waits before each token until the test lets it go on.</summary>
internal sealed class GatedModel(ILlamaModel model) : ILlamaModel
{
    private readonly SemaphoreSlim _gate = new(0);
    private readonly TaskCompletionSource _isEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Completes when a generation has ended, also when its reader left.</summary>
    public Task Ended => _isEnded.Task;

    /// <summary>Lets the model generate a number of tokens.</summary>
    public void Release(int tokenCount) => _gate.Release(tokenCount);

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (GenerationUpdate update in model.GenerateAsync(promptTokens, options, cancellationToken))
            {
                await _gate.WaitAsync(cancellationToken);
                yield return update;
            }
        }
        finally
        {
            _isEnded.TrySetResult();
        }
    }

    public void Dispose() => _gate.Dispose();
}
