using System.Globalization;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Output;

/// <summary>Writes a text while the model generates it, and describes how it was generated.</summary>
internal static class GeneratedText
{
    /// <summary>
    /// Writes the text and a line break, even if the text is interrupted. If the generation ends before its first update, nothing is written.
    /// </summary>
    /// <returns>The last update.</returns>
    public static async Task<GenerationUpdate> WriteAsync(IAsyncEnumerable<GenerationUpdate> updates, ConsoleHost host, CancellationToken cancellationToken)
    {
        GenerationUpdate last = default;
        try
        {
            await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
            {
                last = update;
                if (update.Text.Length > 0)
                {
                    await host.Output.WriteAsync(host.IsOutputTerminal ? PrintableText.Lines(update.Text) : update.Text).ConfigureAwait(false);
                    await host.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            if (last.Text is not null)
            {
                await host.Output.WriteAsync('\n').ConfigureAwait(false);
            }
        }

        return last;
    }

    /// <summary>The token counts and speed of a text, in one line.</summary>
    /// <param name="usage">The usage in the last update.</param>
    public static string Cost(GenerationUsage usage) => string.Create(
        CultureInfo.InvariantCulture,
        $"prompt tokens {usage.PromptTokenCount:N0}{Speed(usage.PromptTokensPerSecond)}, new tokens {usage.GeneratedTokenCount:N0}{Speed(usage.GeneratedTokensPerSecond)}{Guesses(usage)}, seed {usage.Seed}");

    // For a single new token no speed is known, because time is measured from one token to the next.
    private static string Speed(double tokensPerSecond) => tokensPerSecond > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({tokensPerSecond:N1}/s)") : "";

    private static string Guesses(GenerationUsage usage)
        => usage.DraftTokenCount > 0 ? string.Create(CultureInfo.InvariantCulture, $", of {usage.DraftTokenCount:N0} guessed tokens {usage.AcceptedDraftTokenCount:N0} right") : "";

    /// <summary>Why a text ended.</summary>
    public static string End(FinishReason reason) => reason switch
    {
        FinishReason.EndOfSequence => "the model ended its text",
        FinishReason.StopSequence => "a stop text was reached",
        FinishReason.MaxTokens => "--max-tokens was reached",
        _ => "the context is full",
    };
}
