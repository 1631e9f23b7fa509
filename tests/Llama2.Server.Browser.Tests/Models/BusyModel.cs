namespace Llama2.Server.Browser.Tests.Models;

/// <summary>A model whose first calls fail, and which then generates as another does.</summary>
internal sealed class BusyModel(ILlamaModel model, int failureCount, Func<Exception> failure) : ILlamaModel
{
    private int _callCount;

    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    public int CallCount => _callCount;

    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _callCount) <= failureCount ? throw failure() : model.GenerateAsync(promptTokens, options, cancellationToken);

    public void Dispose()
    {
    }
}
