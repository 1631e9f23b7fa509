namespace Llama2.Evaluation.Tests.Backends;

/// <summary>A vocabulary and a context length as a model that computes nothing.</summary>
internal sealed class VocabularyModel(ModelTokenizer tokenizer, int contextLength) : ILlamaModel
{
    public ModelConfiguration Configuration => throw new NotSupportedException();

    public ModelTokenizer Tokenizer => tokenizer;

    public int ContextLength => contextLength;

    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
