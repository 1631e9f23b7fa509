namespace Llama2.Guard.Text;

/// <summary>A text that was derived from another one, with the place in the other one that each character comes from. Immutable.</summary>
/// <param name="text">The derived text.</param>
/// <param name="starts">For each character of it, the place in the original of the first character that it comes from; null if both texts are equal.</param>
/// <param name="ends">For each character of it, the place in the original after the last character that it comes from; null if both texts are equal.</param>
internal sealed class MappedText(string text, int[]? starts = null, int[]? ends = null)
{
    public string Text => text;

    /// <summary>Whether characters were left out between a character and the one before it.</summary>
    public bool HasGapAt(int position) => starts is not null && ends is not null && ends[position - 1] < starts[position];

    /// <summary>The range in the original text of a range of the derived text that has at least one character.</summary>
    public (int Start, int Length) ToOriginal(int start, int length)
    {
        if (starts is null || ends is null)
            return (start, length);
        int first = starts[start];
        return (first, ends[start + length - 1] - first);
    }
}
