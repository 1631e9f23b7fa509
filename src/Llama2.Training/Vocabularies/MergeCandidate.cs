namespace Llama2.Training.Vocabularies;

/// <summary>A text that would result from merging two neighbours in a word.</summary>
/// <param name="text">The text.</param>
internal sealed class MergeCandidate(string text)
{
    /// <summary>The index of the text in the order of merging; -1 if it was not merged.</summary>
    public int Order { get; set; } = -1;

    public string Text => text;

    /// <summary>The number of adjacent pairs in all texts that could currently be merged to it.</summary>
    public long Count { get; set; }

    /// <summary>The words that contain such neighbours, now or at an earlier time.</summary>
    public HashSet<int> Words { get; } = [];
}
