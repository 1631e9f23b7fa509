using System.Runtime.CompilerServices;
using Llama2;

namespace UnitTesting;

/// <summary>
/// A model without weights, for tests that choose the answers: it generates the given texts in order, token by token, whatever the prompts are.
/// </summary>
/// <param name="tokenizer">A vocabulary, such as the vocabulary of the application's model.</param>
/// <param name="answers">The texts.</param>
public sealed class ScriptedModel(ModelTokenizer tokenizer, params string[] answers) : ILlamaModel
{
    private int _count;

    // The name determines the prompt format of chats; the other values are not used.
    public ModelConfiguration Configuration { get; } = new()
    {
        Architecture = "llama",
        Name = "Llama 2 7B Chat",
        ContextLength = 512,
        VocabularySize = tokenizer.VocabularySize,
        RmsNormEpsilon = 1e-5f,
        EmbeddingLength = 2,
        LayerCount = 1,
        HeadCount = 1,
        KeyValueHeadCount = 1,
        FeedForwardLength = 2,
    };

    public ModelTokenizer Tokenizer => tokenizer;

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int[] tokens = tokenizer.Encode(answers[_count++ % answers.Length], addBeginOfSequence: false);
        int count = Math.Min(tokens.Length, options?.MaxTokens ?? int.MaxValue);
        StreamingDecoder decoder = tokenizer.CreateStreamingDecoder();
        foreach (int token in tokens[..count])
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new GenerationUpdate(decoder.Append(token), token);
        }

        var usage = new GenerationUsage { PromptTokenCount = promptTokens.Length, CachedTokenCount = promptTokens.Length - 1, GeneratedTokenCount = count };
        yield return new GenerationUpdate(decoder.Flush(), FinishReason: count < tokens.Length ? FinishReason.MaxTokens : FinishReason.EndOfSequence, Usage: usage);
    }

    public void Dispose()
    {
    }
}
