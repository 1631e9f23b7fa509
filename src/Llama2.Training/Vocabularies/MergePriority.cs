namespace Llama2.Training.Vocabularies;

/// <summary>SentencePiece's order of merging: the most frequent first, then the shorter, then by code units. No two candidates are equal.</summary>
/// <param name="Count">The number of occurrences of the text.</param>
/// <param name="Text">The text.</param>
internal readonly record struct MergePriority(long Count, string Text) : IComparable<MergePriority>
{
    public int CompareTo(MergePriority other)
        => Count != other.Count ? other.Count.CompareTo(Count)
            : Text.Length != other.Text.Length ? Text.Length.CompareTo(other.Text.Length)
            : string.CompareOrdinal(Text, other.Text);
}
