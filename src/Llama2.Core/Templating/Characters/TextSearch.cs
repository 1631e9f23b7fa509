using Llama2.Templating.Limits;

namespace Llama2.Templating.Characters;

/// <summary>
/// Searches for a part in a text, in time proportional to the sum of their lengths, not to their product. The cost of reading the text once is
/// charged in advance; a search that continues after (or before) each match reads the text only once in total.
/// </summary>
internal sealed class TextSearch
{
    // For a part of at most this length, the runtime's vectorized search is faster than a search with a table, even if it compares the whole part at each place.
    private const int MaxShortLength = 32;

    private readonly string _text, _part;

    // Knuth, Morris and Pratt 1977: for each length of a match, the length of the next shorter match that ends at the same place. The table is
    // computed for the part read forwards or backwards. Null for a short part.
    private readonly int[]? _failures;
    private readonly bool _isBackward;

    public TextSearch(RenderContext context, string text, string part, bool isBackward = false)
    {
        _text = text;
        _part = part;
        _isBackward = isBackward;
        if (part.Length <= MaxShortLength)
        {
            context.ChargeScan(text.Length * (1L + (part.Length / 8)));
        }
        else if (part.Length <= text.Length)
        {
            // This search compares characters one by one. Each int of its table takes the memory of two characters.
            context.ChargeCharacters(text.Length);
            context.ChargeText(2L * part.Length, 0);
            _failures = Failures();
        }
    }

    /// <summary>The first position of the part between two offsets; -1 if the part does not occur there.</summary>
    public int First(int start, int end)
    {
        if (end - start < _part.Length)
            return -1;
        if (_failures is not null)
            return Find(start, end);
        int index = _text.AsSpan(start, end - start).IndexOf(_part, StringComparison.Ordinal);
        return index < 0 ? -1 : start + index;
    }

    /// <summary>The last position of the part between two offsets; -1 if the part does not occur there. Only for an object that searches backwards.</summary>
    public int Last(int start, int end)
    {
        if (end - start < _part.Length)
            return -1;
        if (_failures is not null)
            return Find(start, end);
        int index = _text.AsSpan(start, end - start).LastIndexOf(_part, StringComparison.Ordinal);
        return index < 0 ? -1 : start + index;
    }

    private int Find(int start, int end)
    {
        int matched = 0;
        for (int i = 0; i < end - start; i++)
        {
            char character = _isBackward ? _text[end - 1 - i] : _text[start + i];
            while (matched > 0 && character != PartAt(matched))
                matched = _failures![matched];
            if (character == PartAt(matched) && ++matched == _part.Length)
                return _isBackward ? end - 1 - i : start + i + 1 - matched;
        }

        return -1;
    }

    private char PartAt(int index) => _isBackward ? _part[_part.Length - 1 - index] : _part[index];

    private int[] Failures()
    {
        var failures = new int[_part.Length + 1];
        for (int i = 1, matched = 0; i < _part.Length; i++)
        {
            while (matched > 0 && PartAt(i) != PartAt(matched))
                matched = failures[matched];
            if (PartAt(i) == PartAt(matched))
                matched++;
            failures[i + 1] = matched;
        }

        return failures;
    }
}
