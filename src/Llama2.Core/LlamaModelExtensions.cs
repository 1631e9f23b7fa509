namespace Llama2;

/// <summary>Shorthand methods for any <see cref="ILlamaModel"/>.</summary>
public static class LlamaModelExtensions
{
    /// <summary>Continues a text and returns the whole continuation. Parameters and exceptions are those of
    /// <see cref="ILlamaModel.GenerateAsync(string, GenerationOptions?, CancellationToken)"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The text, which may be empty.</param>
    /// <param name="options">How to choose tokens and when to stop; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the generation.</param>
    public static Task<GenerationResult> GenerateTextAsync(
        this ILlamaModel model, string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.GenerateAsync(prompt, options, cancellationToken).ToResultAsync(cancellationToken);
    }

    /// <summary>Computes the vector of one text. Parameters and exceptions are those of
    /// <see cref="ILlamaModel.ComputeEmbeddingsAsync(IReadOnlyList{string}, EmbeddingOptions?, CancellationToken)"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">How to pool and normalize; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <returns>A vector of <see cref="ModelConfiguration.EmbeddingLength"/> numbers.</returns>
    public static async Task<float[]> ComputeEmbeddingAsync(
        this ILlamaModel model, string text, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        return (await model.ComputeEmbeddingsAsync([text], options, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Loads a LoRA adapter on a thread of the thread pool, so that the calling thread stays free. Parameters and exceptions are those of
    /// <see cref="ILlamaModel.LoadAdapter"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The adapter's file or folder.</param>
    /// <param name="cancellationToken">Ends the loading; nothing stays allocated.</param>
    /// <returns>The adapter; dispose it to free its weights.</returns>
    public static Task<LlamaAdapter> LoadAdapterAsync(this ILlamaModel model, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => model.LoadAdapter(path, cancellationToken), cancellationToken);
    }
}
