using Llama2.Templating.Limits;

namespace Llama2.Templating.Characters;

/// <summary>A text as a sequence of Unicode characters, as Python counts them: a pair of surrogates is one character.</summary>
internal readonly struct CodePoints
{
    // The index of the first UTF-16 unit of each character, and then the length of the text; null if every character is one unit.
    private readonly int[]? _starts;
    private readonly int _length;

    public CodePoints(RenderContext context, string text)
    {
        context.ChargeScan(text.Length);
        _length = text.Length;
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return;

        context.ChargeText(2L * text.Length, 0);
        var starts = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; i += UnitCount(text, i))
            starts[count++] = i;
        starts[count] = text.Length;
        _starts = starts;
        _length = count;
    }

    public int Count => _length;

    /// <summary>The index of the unit at which a character starts; for <see cref="Count"/>, the text's end.</summary>
    public int Start(int index) => _starts is null ? index : _starts[index];

    /// <summary>The index of the character that starts at a unit; for a unit inside a character, the index of the next character.</summary>
    public int IndexOf(int unit)
    {
        if (_starts is null)
            return unit;
        int found = Array.BinarySearch(_starts, 0, _length + 1, unit);
        return found >= 0 ? found : ~found;
    }

    /// <summary>The number of units of the character that starts at a unit: 1 or 2.</summary>
    public static int UnitCount(string text, int unit) => char.IsSurrogatePair(text, unit) ? 2 : 1;

    /// <summary>The character that starts at a unit; half of a surrogate pair is returned as it is.</summary>
    public static int At(string text, int unit) => char.IsSurrogatePair(text, unit) ? char.ConvertToUtf32(text[unit], text[unit + 1]) : text[unit];

    /// <summary>Compares two texts by their characters; in the order of UTF-16 units, surrogates would come before U+E000.</summary>
    public static int Compare(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        char first = left[common], second = right[common];
        return char.IsSurrogate(first) == char.IsSurrogate(second) ? first.CompareTo(second) : char.IsSurrogate(first) ? 1 : -1;
    }
}
