namespace Llama2.Training.Vocabularies;

/// <summary>A text that two neighbours in some word would become.</summary>
/// <param name="text">The text.</param>
internal sealed class MergeCandidate(string text)
{
    /// <summary>The place of the text among those that were merged; -1 if it was not.</summary>
    public int Order { get; set; } = -1;

    public string Text => text;

    /// <summary>How often neighbours would become it now, in all texts.</summary>
    public long Count { get; set; }

    /// <summary>The words where neighbours would, or once would have.</summary>
    public HashSet<int> Words { get; } = [];
}
