using System.Runtime.CompilerServices;

namespace Llama2.Server.Tests;

/// <summary>A model whose generations wait after their first token until the test lets them go on; then the text ends with one more token.</summary>
internal sealed class PausedModel(ILlamaModel model) : ILlamaModel
{
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runningCount;

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>The number of generations that have begun.</summary>
    public int RunningCount => Volatile.Read(ref _runningCount);

    public void GoOn() => _goesOn.TrySetResult();

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _runningCount);
        int token = Tokenizer.Encode("a", addBeginOfSequence: false)[^1];
        yield return new GenerationUpdate("a", token);
        await _goesOn.Task.WaitAsync(cancellationToken);
        var usage = new GenerationUsage { PromptTokenCount = promptTokens.Length, GeneratedTokenCount = 2 };
        yield return new GenerationUpdate("b", token, FinishReason: FinishReason.EndOfSequence, Usage: usage);
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
