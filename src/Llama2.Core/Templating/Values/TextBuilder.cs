using System.Text;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Builds a text piece by piece; each piece is charged before it is copied.</summary>
internal sealed class TextBuilder(RenderContext context)
{
    private readonly StringBuilder _text = new();
    private readonly List<DataSpan> _data = [];
    private bool _isData;

    public void Append(TextValue text) => Append(text, 0, text.Text.Length);

    /// <summary>Appends a part of a text; data in this part remains data.</summary>
    public void Append(TextValue text, int start, int length)
    {
        context.ChargeAppend(_text.Length, length, text.CountData(start, start + length));
        text.AppendData(start, start + length, _text.Length, _data);
        _text.Append(text.Text, start, length);
    }

    /// <summary>Appends characters that belong to the template.</summary>
    public void Append(ReadOnlySpan<char> text) => Append(text, isData: false);

    public void Append(ReadOnlySpan<char> text, bool isData)
    {
        context.ChargeAppend(_text.Length, text.Length, isData ? 1 : 0);
        if (isData && text.Length > 0)
            DataSpan.Append(_data, new DataSpan(_text.Length, text.Length));
        _text.Append(text);
    }

    /// <summary>Appends a character several times.</summary>
    public void Fill(char character, long count, bool isData = false)
    {
        // This charge refuses texts that are too long, so the cast below is exact.
        context.ChargeAppend(_text.Length, count, isData ? 1 : 0);
        if (isData && count > 0)
            DataSpan.Append(_data, new DataSpan(_text.Length, (int)count));
        _text.Append(character, (int)count);
    }

    /// <summary>The number of characters so far.</summary>
    public int Length => _text.Length;

    /// <summary>Marks the whole text as data: a part of it came from the conversation, but it is unknown which part.</summary>
    public void MarkAsData() => _isData = true;

    public TextValue ToValue()
    {
        context.ChargeText(0, 0);
        string text = _text.ToString();
        return _isData ? TextValue.OfData(text) : new TextValue(text, [.. _data]);
    }

    /// <summary>The text and all of its runs, both those that are data and those that are not.</summary>
    public RenderedTemplate ToRendered()
    {
        var runs = new List<RenderedRun>((2 * _data.Count) + 1);
        int end = 0;
        foreach (DataSpan span in _data)
        {
            if (span.Start > end)
                runs.Add(new RenderedRun(end, span.Start - end, false));
            runs.Add(new RenderedRun(span.Start, span.Length, true));
            end = span.End;
        }

        if (_text.Length > end)
            runs.Add(new RenderedRun(end, _text.Length - end, false));
        return new RenderedTemplate(_text.ToString(), runs.AsReadOnly());
    }
}
