using System.Text;

namespace Llama2;

/// <summary>Methods that combine the updates of a generation.</summary>
public static class GenerationUpdateExtensions
{
    /// <summary>
    /// Reads all updates of a generation, or of an answer in a chat session, for callers that do not need the text while it is generated:
    /// <c>await session.SendAsync("Hello").ToResultAsync()</c>.
    /// </summary>
    /// <param name="updates">The result of <see cref="ILlamaModel.GenerateAsync(string, GenerationOptions?, CancellationToken)"/> or <see
    /// cref="IChatSession.SendAsync(string, GenerationOptions?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the generation.</param>
    /// <exception cref="ArgumentException">The last update has no finish reason or no usage: the updates are not those of a whole generation.</exception>
    public static async Task<GenerationResult> ToResultAsync(this IAsyncEnumerable<GenerationUpdate> updates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        var text = new StringBuilder();
        GenerationUpdate last = default;
        await foreach (GenerationUpdate update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            text.Append(update.Text);
            last = update;
        }

        return last is { FinishReason: { } reason, Usage: { } usage }
            ? new GenerationResult(text.ToString(), reason, usage)
            : throw new ArgumentException("The last update has no finish reason or no usage: the updates are not those of a whole generation.", nameof(updates));
    }
}
