using System.Runtime.CompilerServices;

namespace Llama2.Guard.Tests.Models;

/// <summary>A model whose logits the test chooses: those of given tokens; all others are 0. Records the prompts.</summary>
/// <param name="tokenizer">A vocabulary.</param>
/// <param name="logits">The logits.</param>
internal sealed class LogitModel(ModelTokenizer tokenizer, params (int Token, float Logit)[] logits) : ILlamaModel
{
    public ModelConfiguration Configuration { get; } = new()
    {
        Architecture = "llama",
        Name = "Logits",
        ContextLength = 100_000,
        VocabularySize = tokenizer.VocabularySize,
        RmsNormEpsilon = 1e-5f,
        EmbeddingLength = 2,
        LayerCount = 1,
        HeadCount = 1,
        KeyValueHeadCount = 1,
        FeedForwardLength = 2,
    };

    public ModelTokenizer Tokenizer => tokenizer;

    public int ContextLength { get; init; } = 100_000;

    public List<(int[] Prompt, GenerationOptions Options)> Requests { get; } = [];

    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        Requests.Add((promptTokens.ToArray(), options!));
        var candidates = new TokenCandidates(tokenizer.VocabularySize);
        float[] values = new float[tokenizer.VocabularySize];
        foreach ((int token, float logit) in logits)
            values[token] = logit;
        candidates.Load(values);
        foreach (LogitProcessorStep step in options!.LogitProcessors)
            step.Create(new LogitProcessorContext(tokenizer, promptTokens.Length)).Process(candidates, promptTokens.Span);
        yield return new GenerationUpdate(options.Constraint is null ? "x" : "O3", 5);
        yield return new GenerationUpdate("", FinishReason: FinishReason.MaxTokens, Usage: new GenerationUsage { PromptTokenCount = promptTokens.Length, GeneratedTokenCount = 1 });
    }

    public void Dispose()
    {
    }
}
