using Llama2.Generation;
using Llama2.Memory;
using static System.FormattableString;

namespace Llama2;

public sealed partial class LlamaModel
{
    /// <inheritdoc/>
    public Task<float[][]> ComputeEmbeddingsAsync(IReadOnlyList<string> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => EmbedAsync(texts, nameof(texts), Encode, options, cancellationToken);

    /// <inheritdoc/>
    public Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => EmbedAsync(texts, nameof(texts), static (text, _) => text.ToArray(), options, cancellationToken);

    private async Task<float[][]> EmbedAsync<T>(
        IReadOnlyList<T> texts, string parameterName, Func<T, string, int[]> encode, EmbeddingOptions? options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(texts, parameterName);
        MemoryBudget.Require((long)texts.Count * Configuration.EmbeddingLength * sizeof(float), "the embeddings", "Compute the embeddings of fewer texts at a time");
        // All texts are encoded before the first text is computed, so that even a fault in the last text is reported immediately.
        int[][] tokens = new int[texts.Count][];
        for (int i = 0; i < tokens.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Invariant($"{parameterName}[{i}]");
            tokens[i] = encode(texts[i], name);
            CheckTokens(tokens[i], name);
            if (tokens[i].Length > ContextLength)
            {
                throw new ContextLengthException(tokens[i].Length, ContextLength, i);
            }

            RequireRoomFor(tokens[i].Length);
        }

        options ??= new EmbeddingOptions();
        var window = new EmbeddingWindow(_scheduler, Configuration.EmbeddingLength, options, SelectAdapters(options.Adapters));
        return await window.RunAsync(tokens, cancellationToken).ConfigureAwait(false);
    }

    private int[] Encode(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        return text.Length <= ModelTokenizer.MaxTextLength
            ? Tokenizer.Encode(text, Tokenizer.AddsBeginOfSequence)
            : throw new ArgumentException(
                Invariant($"'{name}' has {text.Length:N0} characters; {ModelTokenizer.MaxTextLength:N0} are allowed. Embed it in parts."), name);
    }
}
