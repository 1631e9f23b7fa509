using System.Text;

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
    public static async Task<GenerationResult> GenerateTextAsync(
        this ILlamaModel model, string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var text = new StringBuilder();
        GenerationUpdate last = default;
        await foreach (GenerationUpdate update in model.GenerateAsync(prompt, options, cancellationToken).ConfigureAwait(false))
        {
            text.Append(update.Text);
            last = update;
        }

        return new GenerationResult(text.ToString(), last.FinishReason!.Value, last.Usage!);
    }

    /// <summary>
    /// Loads a LoRA adapter on a thread of the pool, so that the calling one stays free. Parameters and exceptions are those of
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
