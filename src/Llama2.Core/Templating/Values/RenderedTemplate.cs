namespace Llama2;

/// <summary>
/// What a chat template made of a conversation, and which characters of it came from the conversation: those are data, and must not be
/// read as control tokens whatever they spell. Immutable and thread-safe.
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

    /// <summary>The text's parts in order, without gaps; neighbours differ in <see cref="RenderedRun.IsData"/>. Empty for an empty text.</summary>
    public IReadOnlyList<RenderedRun> Runs { get; }
}
