using System.Text;

namespace Llama2.Chat;

/// <summary>A part of a prompt in which spaces break the forged tags. Converts positions in the original part to positions in the new text.</summary>
internal sealed class GuardedText
{
    private readonly int[] _breaks;
    private readonly int _width;

    /// <param name="text">The part of the prompt.</param>
    /// <param name="breaks">The ascending indices of the characters before which spaces are inserted.</param>
    /// <param name="space">The spaces that are inserted there.</param>
    public GuardedText(string text, int[] breaks, string space)
    {
        _breaks = breaks;
        _width = space.Length;
        if (breaks.Length == 0)
        {
            Text = text;
            return;
        }

        var broken = new StringBuilder(text.Length + (breaks.Length * space.Length));
        int start = 0;
        foreach (int end in breaks)
        {
            broken.Append(text, start, end - start).Append(space);
            start = end;
        }

        Text = broken.Append(text, start, text.Length - start).ToString();
    }

    /// <summary>The part with spaces in its forged tags.</summary>
    public string Text { get; }

    /// <summary>
    /// Converts a position in the original text to the position in <see cref="Text"/>. If spaces were inserted there, the result is the position
    /// before them.
    /// </summary>
    public int Before(int position) => position + (_width * CountBelow(position));

    /// <summary>
    /// Converts a position in the original text to the position in <see cref="Text"/>. If spaces were inserted there, the result is the position
    /// after them.
    /// </summary>
    public int Behind(int position) => position + (_width * CountBelow(position + 1));

    private int CountBelow(int position)
    {
        int index = Array.BinarySearch(_breaks, position);
        return index < 0 ? ~index : index;
    }
}
