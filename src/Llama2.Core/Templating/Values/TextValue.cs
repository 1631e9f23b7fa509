using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>
/// A string that records which of its characters are data, which means that they came from the conversation; the others belong to the template.
/// </summary>
internal sealed class TextValue : TemplateValue
{
    private readonly DataSpan[] _data;

    /// <param name="text">The characters.</param>
    /// <param name="data">The spans of data in the text, in order. They neither touch nor overlap.</param>
    public TextValue(string text, DataSpan[] data)
    {
        Text = text;
        _data = data;
    }

    public static TextValue Empty { get; } = new("", []);

    public string Text { get; }

    public ReadOnlySpan<DataSpan> Data => _data;

    public bool HasData => _data.Length > 0;

    /// <summary>
    /// Whether the text is marked as safe HTML, by <c>safe</c> or <c>escape</c>: text that is appended to it or inserted into it is then escaped, as in
    /// markupsafe.
    /// </summary>
    public bool IsMarkup { get; init; }

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;

    /// <summary>A text that belongs to the template.</summary>
    public static TextValue Own(string text) => text.Length == 0 ? Empty : new(text, []);

    /// <summary>A text from the conversation.</summary>
    public static TextValue OfData(string text) => text.Length == 0 ? Empty : new(text, [new DataSpan(0, text.Length)]);

    /// <summary>The same characters, as safe HTML or not.</summary>
    public TextValue WithMarkup(bool isMarkup) => isMarkup == IsMarkup ? this : new TextValue(Text, _data) { IsMarkup = isMarkup };

    /// <summary>A text of the same length, with data at the same positions.</summary>
    public TextValue WithText(RenderContext context, Func<string> make)
    {
        context.ChargeText(Text.Length, _data.Length);
        return new TextValue(make(), _data) { IsMarkup = IsMarkup };
    }

    /// <summary>A part of the text, in which data remains data.</summary>
    public TextValue Slice(RenderContext context, int start, int length)
    {
        if (length == Text.Length)
            return this;
        if (length == 0)
            return Empty.WithMarkup(IsMarkup);
        (int first, int count) = FindData(start, start + length);
        context.ChargeText(length, count);
        return new TextValue(Text.Substring(start, length), CutData(first, count, start, start + length)) { IsMarkup = IsMarkup };
    }

    /// <summary>Concatenates texts without changing them.</summary>
    public static TextValue Concatenate(RenderContext context, ReadOnlySpan<TextValue> parts)
    {
        long length = 0;
        int spanCount = 0;
        foreach (TextValue part in parts)
        {
            length += part.Text.Length;
            spanCount += part._data.Length;
        }

        context.ChargeText(length, spanCount);
        if (length == 0)
            return Empty;
        string text = string.Create((int)length, parts, static (characters, parts) =>
        {
            foreach (TextValue part in parts)
            {
                part.Text.CopyTo(characters);
                characters = characters[part.Text.Length..];
            }
        });
        return new TextValue(text, spanCount == 0 ? [] : ConcatenateData(parts, spanCount));
    }

    /// <summary>Returns this text, repeated the given number of times.</summary>
    public TextValue Repeat(RenderContext context, long count)
    {
        // Any count beyond 32 bits exceeds every limit.
        count = Text.Length == 0 ? 0 : Math.Clamp(count, 0, int.MaxValue);
        context.ChargeText(Text.Length * count, 0);
        context.ChargeText(0, (int)Math.Min(_data.Length * count, int.MaxValue));
        if (count == 0)
            return Empty.WithMarkup(IsMarkup);
        string text = string.Create((int)(Text.Length * count), Text, static (characters, text) =>
        {
            for (; characters.Length > 0; characters = characters[text.Length..])
                text.CopyTo(characters);
        });
        var data = new List<DataSpan>();
        for (int i = 0; i < count && HasData; i++)
            AppendData(0, Text.Length, i * Text.Length, data);
        return new TextValue(text, [.. data]) { IsMarkup = IsMarkup };
    }

    /// <summary>Appends the data spans between two offsets of this text, moved to the position to which the text is copied.</summary>
    public void AppendData(int start, int end, int destination, List<DataSpan> data)
    {
        (int first, int count) = FindData(start, end);
        foreach (DataSpan span in _data.AsSpan(first, count))
        {
            int from = Math.Max(span.Start, start), to = Math.Min(span.End, end);
            DataSpan.Append(data, new DataSpan(destination + from - start, to - from));
        }
    }

    /// <summary>The number of data spans between two offsets.</summary>
    public int CountData(int start, int end) => FindData(start, end).Count;

    private static DataSpan[] ConcatenateData(ReadOnlySpan<TextValue> parts, int spanCount)
    {
        var data = new List<DataSpan>(spanCount);
        int destination = 0;
        foreach (TextValue part in parts)
        {
            part.AppendData(0, part.Text.Length, destination, data);
            destination += part.Text.Length;
        }

        return [.. data];
    }

    private DataSpan[] CutData(int first, int count, int start, int end)
    {
        var data = new DataSpan[count];
        for (int i = 0; i < count; i++)
        {
            DataSpan span = _data[first + i];
            int from = Math.Max(span.Start, start);
            data[i] = new DataSpan(from - start, Math.Min(span.End, end) - from);
        }

        return data;
    }

    private (int First, int Count) FindData(int start, int end)
    {
        if (_data.Length == 0 || start == end)
            return (0, 0);
        int first = FirstEndingAfter(start), last = FirstEndingAfter(end);
        if (last < _data.Length && _data[last].Start < end)
            last++;
        return (first, last - first);
    }

    // The spans are sorted, so the first span that ends after the offset is found by binary search.
    private int FirstEndingAfter(int offset)
    {
        int low = 0, high = _data.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_data[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
