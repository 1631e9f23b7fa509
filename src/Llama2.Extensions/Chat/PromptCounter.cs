using System.Runtime.CompilerServices;

namespace Llama2.Extensions.Chat;

/// <summary>A model that counts the tokens of the prompt it is given, and generates nothing. Not thread-safe; the caller keeps ownership of the other model.</summary>
/// <param name="model">The model for which the prompt is made.</param>
internal sealed class PromptCounter(ILlamaModel model) : ILlamaModel
{
    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    public int ContextLength => model.ContextLength;

    public string Fingerprint => model.Fingerprint;

    public string? ChatTemplate => model.ChatTemplate;

    public string? Path => model.Path;

    /// <summary>The number of tokens of the last prompt.</summary>
    public int TokenCount { get; private set; }

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        TokenCount = promptTokens.Length;
        var usage = new GenerationUsage { PromptTokenCount = TokenCount, GeneratedTokenCount = 0 };
        yield return new GenerationUpdate("", FinishReason: FinishReason.EndOfSequence, Usage: usage);
    }

    public void Dispose()
    {
    }
}
