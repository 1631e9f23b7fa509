namespace Llama2.Training.Vocabularies;

/// <summary>
/// The order of merging, which is SentencePiece's. The most frequent text comes first. Equally frequent texts are ordered by their length, the
/// shortest first, and then by their code units. No two candidates are equal.
/// </summary>
/// <param name="Count">The number of occurrences of the text.</param>
/// <param name="Text">The text.</param>
internal readonly record struct MergePriority(long Count, string Text) : IComparable<MergePriority>
{
    public int CompareTo(MergePriority other)
        => Count != other.Count ? other.Count.CompareTo(Count)
            : Text.Length != other.Text.Length ? Text.Length.CompareTo(other.Text.Length)
            : string.CompareOrdinal(Text, other.Text);
}
