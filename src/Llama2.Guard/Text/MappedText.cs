namespace Llama2.Guard.Text;

/// <summary>A text that was derived from an original text, with the position of each character in the original. Immutable.</summary>
/// <param name="text">The derived text.</param>
/// <param name="starts">For each character, the position in the original of the first character from which it was made; null if both texts are equal.</param>
/// <param name="ends">For each character, the position in the original after the last character from which it was made; null if both texts are equal.</param>
/// <param name="joints">The positions of characters that were joined to the one before them; null if there are none.</param>
internal sealed class MappedText(string text, int[]? starts = null, int[]? ends = null, IReadOnlySet<int>? joints = null)
{
    public string Text => text;

    /// <summary>Whether a character was joined to the one before it, as in a word that is spelled out.</summary>
    public bool IsJointAt(int position) => joints?.Contains(position) == true;

    /// <summary>The position in the original text of a character of the derived text; null for the position after the last one.</summary>
    public int? ToOriginal(int position) => position >= text.Length ? null : starts is null ? position : starts[position];

    /// <summary>The range in the original text of a range of the derived text that has at least one character.</summary>
    public (int Start, int Length) ToOriginal(int start, int length)
    {
        if (starts is null || ends is null)
            return (start, length);
        int first = starts[start];
        return (first, ends[start + length - 1] - first);
    }
}
