namespace Llama2.Training.Vocabularies;

/// <summary>A text that would result from merging two neighbouring parts of a word.</summary>
/// <param name="text">The text.</param>
internal sealed class MergeCandidate(string text)
{
    /// <summary>The index of the text in the order of merging; -1 if it has not been merged.</summary>
    public int Order { get; set; } = -1;

    public string Text => text;

    /// <summary>The number of pairs of neighbouring parts, in all training texts, that could now be merged into this text.</summary>
    public long Count { get; set; }

    /// <summary>The words that have, or once had, such pairs.</summary>
    public HashSet<int> Words { get; } = [];
}
