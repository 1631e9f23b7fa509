using System.Runtime.CompilerServices;

namespace Llama2.Extensions.Telemetry;

/// <summary>A model whose generations count their tokens for a request, and keep within the request's limit of tokens. The caller keeps ownership of the model.</summary>
/// <param name="model">The model.</param>
/// <param name="usage">Counts the tokens.</param>
/// <param name="promptIndex">Distinguishes the prompts of the request.</param>
internal sealed class MeasuredModel(ILlamaModel model, RequestUsage usage, int promptIndex = 0) : ILlamaModel
{
    public ModelConfiguration Configuration => model.Configuration;

    public ModelTokenizer Tokenizer => model.Tokenizer;

    /// <summary>The length of the model's context, or the request's limit of tokens if that is lower.</summary>
    public int ContextLength => Math.Min(model.ContextLength, usage.MaxTokenCount ?? int.MaxValue);

    public string Fingerprint => model.Fingerprint;

    public string? ChatTemplate => model.ChatTemplate;

    public string? Path => model.Path;

    public LlamaModelStatistics Statistics => model.Statistics;

    /// <summary>Returns a model that counts tokens for the current request, or the model itself if there is no current request that counts tokens.</summary>
    public static ILlamaModel For(ILlamaModel model, int promptIndex = 0) =>
        RequestUsage.Current is { } usage ? new MeasuredModel(model, usage, promptIndex) : model;

    public LlamaAdapter LoadAdapter(string path, CancellationToken cancellationToken = default) => model.LoadAdapter(path, cancellationToken);

    public bool HasFingerprint(string fingerprint) => model.HasFingerprint(fingerprint);

    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        usage.ReadPrompt(promptTokens, model.Tokenizer);
        if (usage.MaxTokenCount is { } limit && limit < model.ContextLength)
        {
            if (promptTokens.Length >= limit)
                throw new ContextLengthException(promptTokens.Length, limit);
            options ??= new GenerationOptions();
            options = options with { MaxTokens = Math.Min(options.MaxTokens ?? int.MaxValue, limit - promptTokens.Length) };
        }

        return CountAsync(model.GenerateAsync(promptTokens, options, cancellationToken), promptTokens.Length, cancellationToken);
    }

    public Task<float[]> ComputeLogitsAsync(ReadOnlyMemory<int> tokens, ComputationOptions? options = null, CancellationToken cancellationToken = default) =>
        model.ComputeLogitsAsync(tokens, options, cancellationToken);

    public Task<float[]> ComputeLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default) =>
        model.ComputeLogProbabilitiesAsync(tokens, start, options, cancellationToken);

    public async Task<ScoredToken[]> ComputeTopLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int topCount, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (usage.MaxTokenCount is { } limit && tokens.Length > limit)
            throw new ContextLengthException(tokens.Length, limit);
        try
        {
            ScoredToken[] scores = await model.ComputeTopLogProbabilitiesAsync(tokens, topCount, start, options, cancellationToken).ConfigureAwait(false);
            usage.AddPrompt(promptIndex, tokens.Length);
            // A generation that follows finds the tokens that this call has computed.
            usage.AddCached(promptIndex, 0);
            return scores;
        }
        catch (OperationCanceledException)
        {
            usage.AddPrompt(promptIndex, tokens.Length);
            throw;
        }
    }

    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default) =>
        model.ComputeEmbeddingsAsync(texts, options, cancellationToken);

    public void Dispose()
    {
    }

    private async IAsyncEnumerable<GenerationUpdate> CountAsync(
        IAsyncEnumerable<GenerationUpdate> generation, int promptTokenCount, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = 0;
        try
        {
            await foreach (GenerationUpdate update in generation.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (count == 0)
                    usage.AddPrompt(promptIndex, promptTokenCount);
                if (update.Token is not null)
                {
                    count++;
                    usage.AddGenerated(1);
                }
                else if (update.Usage is { } total)
                {
                    usage.AddGenerated(total.GeneratedTokenCount - count);
                    usage.AddCached(promptIndex, total.CachedTokenCount);
                }

                yield return update;
            }
        }
        finally
        {
            // A call that is refused costs nothing. If the caller ends a call, an unknown part of the prompt has been computed; the whole prompt is counted.
            if (cancellationToken.IsCancellationRequested)
                usage.AddPrompt(promptIndex, promptTokenCount);
        }
    }
}
