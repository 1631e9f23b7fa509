using System.Runtime.CompilerServices;

namespace Llama2.Server.Tests;

/// <summary>A model whose generations wait after their first token until the test lets them go on; then the text ends with one more token.</summary>
internal sealed class PausedModel(ILlamaModel model) : ILlamaModel
{
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _begun = new(0);

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Waits for the beginning of a further generation.</summary>
    public async Task BeginningAsync(TimeSpan patience) => (await _begun.WaitAsync(patience)).Should().BeTrue("a generation begins");

    public void GoOn() => _goesOn.TrySetResult();

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _begun.Release();
        int token = Tokenizer.Encode("a", addBeginOfSequence: false)[^1];
        yield return new GenerationUpdate("a", token);
        await _goesOn.Task.WaitAsync(cancellationToken);
        var usage = new GenerationUsage { PromptTokenCount = promptTokens.Length, GeneratedTokenCount = 2 };
        yield return new GenerationUpdate("b", token, FinishReason: FinishReason.EndOfSequence, Usage: usage);
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public void Dispose() => _begun.Dispose();
}
