namespace Llama2;

/// <summary>
/// The text that results when a chat template renders a conversation. Records which characters came from the conversation. These characters are data, and must
/// never be read as control tokens. Immutable and thread-safe.
/// </summary>
public sealed class RenderedTemplate
{
    internal RenderedTemplate(string text, IReadOnlyList<RenderedRun> runs)
    {
        Text = text;
        Runs = runs;
    }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>The text's parts in order, without gaps; neighbouring parts differ in <see cref="RenderedRun.IsData"/>. Empty for an empty text.</summary>
    public IReadOnlyList<RenderedRun> Runs { get; }
}
