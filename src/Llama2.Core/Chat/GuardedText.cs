using System.Text;

namespace Llama2.Chat;

/// <summary>A stretch of prompt whose forged tags are broken by spaces, and where what was in it lies now.</summary>
internal sealed class GuardedText
{
    private readonly int[] _breaks;
    private readonly int _width;

    /// <param name="text">The stretch.</param>
    /// <param name="breaks">Before which of its characters it is broken, ascending.</param>
    /// <param name="space">What is put there.</param>
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

    /// <summary>The stretch with spaces in its forged tags.</summary>
    public string Text { get; }

    /// <summary>Where a position of the stretch is now: before a space that was put there.</summary>
    public int Before(int position) => position + (_width * CountBelow(position));

    /// <summary>Where a position of the stretch is now: behind a space that was put there.</summary>
    public int Behind(int position) => position + (_width * CountBelow(position + 1));

    private int CountBelow(int position)
    {
        int index = Array.BinarySearch(_breaks, position);
        return index < 0 ? ~index : index;
    }
}
