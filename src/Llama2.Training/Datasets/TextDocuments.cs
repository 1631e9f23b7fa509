using System.Text;
using System.Text.Unicode;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>
/// Reads the documents of a plain text, which have NUL characters between them. Each may be as long as the longest text that the tokenizer accepts.
/// </summary>
/// <param name="stream">The text; it is not disposed.</param>
/// <param name="path">The file, for messages.</param>
internal sealed class TextDocuments(Stream stream, string path)
{
    private readonly List<byte> _document = [];
    private long _lineNumber = 1;
    private long _documentLine = 1;

    /// <summary>The documents in order; documents of white space are left out.</summary>
    /// <exception cref="TrainingDataException">A document is too long, or not UTF-8.</exception>
    public IEnumerable<string> Read()
    {
        byte[] buffer = new byte[1 << 16];
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            int start = 0;
            for (int end = IndexOfNul(buffer, start, count); end >= 0; end = IndexOfNul(buffer, start, count))
            {
                Add(buffer.AsSpan(start..end));
                start = end + 1;
                if (TakeDocument() is { } text)
                {
                    yield return text;
                }
            }

            Add(buffer.AsSpan(start..count));
        }

        if (TakeDocument() is { } last)
        {
            yield return last;
        }
    }

    private static int IndexOfNul(byte[] buffer, int start, int end) =>
        buffer.AsSpan(start..end).IndexOf((byte)0) is >= 0 and var index ? start + index : -1;

    private void Add(ReadOnlySpan<byte> text)
    {
        if (_document.Count + text.Length > 3L * ModelTokenizer.MaxTextLength)
        {
            throw new TrainingDataException(
                path, _documentLine, Invariant($"the document that begins here has more than {3L * ModelTokenizer.MaxTextLength:N0} bytes; put NUL characters between its parts"));
        }

        _document.AddRange(text);
        _lineNumber += text.Count((byte)'\n');
    }

    private string? TakeDocument()
    {
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_document);
        long lineNumber = _documentLine;
        _documentLine = _lineNumber;
        string? text = bytes.Trim(" \t\r\n"u8).IsEmpty ? null
            : Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF')
            : throw new TrainingDataException(path, lineNumber, "the document that begins here is not UTF-8; convert the file");
        _document.Clear();
        return text is null || text.Length <= ModelTokenizer.MaxTextLength
            ? text
            : throw new TrainingDataException(
                path, lineNumber, Invariant($"the document that begins here has {text.Length:N0} characters; at most {ModelTokenizer.MaxTextLength:N0} are allowed: put NUL characters between its parts"));
    }
}
