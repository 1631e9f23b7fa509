using System.Collections;
using System.Text;

namespace Llama2.Tokenization;

/// <summary>
/// The texts of a vocabulary's pieces, one after the other in one array. A string for each of these short texts would take four times the memory of the array.
/// A string is created when it is requested, and then kept. Thread-safe once all pieces are written.
/// </summary>
internal sealed class PieceTexts : IReadOnlyList<string>
{
    private char[] _characters;
    private TextRange[] _ranges;
    private string?[]? _strings;
    private int _length;

    /// <param name="capacity">The number of pieces that will be added.</param>
    /// <param name="characterCapacity">The number of characters of all pieces. Both capacities grow if they are too small.</param>
    public PieceTexts(int capacity, int characterCapacity)
    {
        _characters = new char[characterCapacity];
        _ranges = new TextRange[capacity];
    }

    public PieceTexts(params ReadOnlySpan<string> texts)
        : this(texts.Length, 0)
    {
        int length = 0;
        foreach (string text in texts)
            length += text.Length;
        _characters = new char[length];
        foreach (string text in texts)
            Add(text);
    }

    /// <summary>Copies all pieces, and reserves space for <paramref name="addedCount"/> more.</summary>
    public PieceTexts(PieceTexts other, int addedCount)
        : this(other.Count + addedCount, other._length)
    {
        Count = other.Count;
        _length = other._length;
        other._ranges.AsSpan(0, Count).CopyTo(_ranges);
        other._characters.AsSpan(0, _length).CopyTo(_characters);
    }

    public int Count { get; private set; }

    /// <summary>The text of a piece as a string, which is then kept. Use this indexer only for a few pieces or for a small vocabulary.</summary>
    public string this[int id] => (_strings ??= new string?[Count])[id] ??= Span(id).ToString();

    public ReadOnlySpan<char> Span(int id)
    {
        TextRange range = _ranges[id];
        return _characters.AsSpan(range.Start, range.End - range.Start);
    }

    /// <summary>The length of a piece in UTF-16 characters.</summary>
    public int Length(int id)
    {
        TextRange range = _ranges[id];
        return range.End - range.Start;
    }

    /// <summary>The lowest id of a piece with this text, or -1. Searches all pieces.</summary>
    public int IndexOf(ReadOnlySpan<char> text)
    {
        for (int id = 0; id < Count; id++)
        {
            if (Span(id).SequenceEqual(text))
                return id;
        }

        return -1;
    }

    /// <summary>Appends a piece.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        GrowTo(Count + 1);
        _ranges[Count++] = Append(text);
    }

    /// <summary>Appends a piece.</summary>
    /// <param name="utf8">The piece's text in well-formed UTF-8.</param>
    public void AddUtf8(ReadOnlySpan<byte> utf8)
    {
        GrowTo(Count + 1);
        MakeRoom(utf8.Length);
        int start = _length;
        _length += Encoding.UTF8.GetChars(utf8, _characters.AsSpan(start));
        _ranges[Count++] = new TextRange(start, _length);
    }

    /// <summary>Sets the text of a piece. Pieces before it that do not exist yet are created empty.</summary>
    public void Set(int id, ReadOnlySpan<char> text)
    {
        GrowTo(id + 1);
        Count = Math.Max(Count, id + 1);
        _ranges[id] = Append(text);
        _strings = null;
    }

    /// <summary>Replaces a character wherever it occurs in the piece that was added last.</summary>
    public void ReplaceInLast(char old, char replacement)
    {
        (int start, int end) = _ranges[Count - 1];
        _characters.AsSpan(start, end - start).Replace(old, replacement);
    }

    /// <summary>Removes the last piece.</summary>
    public void RemoveLast() => _ranges[--Count] = default;

    /// <summary>All texts as new strings, which belong to the caller.</summary>
    public string[] ToArray()
    {
        var texts = new string[Count];
        for (int id = 0; id < texts.Length; id++)
            texts[id] = Span(id).ToString();
        return texts;
    }

    public IEnumerator<string> GetEnumerator()
    {
        for (int id = 0; id < Count; id++)
            yield return this[id];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private TextRange Append(ReadOnlySpan<char> text)
    {
        MakeRoom(text.Length);
        text.CopyTo(_characters.AsSpan(_length));
        _length += text.Length;
        return new TextRange(_length - text.Length, _length);
    }

    private void MakeRoom(int length)
    {
        if (length > _characters.Length - _length)
            Array.Resize(ref _characters, checked(_length + Math.Max(length, _length / 2)));
    }

    private void GrowTo(int count)
    {
        if (count > _ranges.Length)
            Array.Resize(ref _ranges, Math.Max(count, _ranges.Length + _ranges.Length / 2));
    }
}
