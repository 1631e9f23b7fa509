using System.Text;

namespace Llama2;

/// <summary>
/// Finds the tool calls in an answer, piece by piece while it is generated. Text that may be the beginning of a call is held back until later pieces
/// show whether a call begins there. Not thread-safe; each answer needs a reader of its own.
/// </summary>
public sealed class ToolCallReader
{
    private readonly ToolFormat _format;
    private readonly StringBuilder _held = new();
    private bool _isInCall;
    private bool _isStarted;

    internal ToolCallReader(ToolFormat format, bool keepsLeadingSpace) => (_format, _isStarted) = (format, keepsLeadingSpace);

    /// <summary>Adds a piece of the answer.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="calls">Receives the calls that the piece completes.</param>
    /// <returns>The text that is now known not to belong to a call, without white space at the beginning of the answer and around calls.</returns>
    public string Append(string piece, ICollection<LlamaToolCall> calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        _held.Append(piece);
        var text = new StringBuilder();
        while (_isInCall ? TakeCall(calls) : TakeText(text))
        {
        }

        return text.ToString();
    }

    /// <summary>Ends the answer.</summary>
    /// <returns>The text that was held back: the beginning of a call whose end is missing, or an empty text.</returns>
    public string Flush()
    {
        string rest = (_isInCall ? _format.CallStart : "") + _held;
        _held.Clear();
        return string.IsNullOrWhiteSpace(rest) ? "" : rest;
    }

    // Takes the text before the next call. Returns whether a call begins after this text.
    private bool TakeText(StringBuilder text)
    {
        string held = _held.ToString();
        int start = held.IndexOf(_format.CallStart, StringComparison.Ordinal);
        int end = start >= 0 ? start : held.Length - CountPossibleStart(held);
        while (end > 0 && char.IsWhiteSpace(held[end - 1]))
            end--;
        ReadOnlySpan<char> known = _isStarted ? held.AsSpan(0, end) : held.AsSpan(0, end).TrimStart();
        _isStarted |= known.Length > 0;
        text.Append(known);
        _isInCall = start >= 0;
        _held.Remove(0, _isInCall ? start + _format.CallStart.Length : end);
        return _isInCall;
    }

    // Takes a call. Returns whether the call has ended. Its arguments may contain the end tag in a string, so the first end tag need not be the end of
    // the call.
    private bool TakeCall(ICollection<LlamaToolCall> calls)
    {
        string held = _format.CallStart + _held;
        for (int end = _format.CallStart.Length; (end = held.IndexOf(_format.CallEnd, end, StringComparison.Ordinal)) >= 0; end++)
        {
            if (_format.ReadCall(held[..(end + _format.CallEnd.Length)]) is not { } call)
                continue;
            calls.Add(call);
            _held.Remove(0, end + _format.CallEnd.Length - _format.CallStart.Length);
            _isInCall = false;
            return true;
        }

        return false;
    }

    // The number of characters at the end of the text that may be the beginning of a call's start tag.
    private int CountPossibleStart(string text)
    {
        int count = Math.Min(text.Length, _format.CallStart.Length - 1);
        while (count > 0 && !text.AsSpan(text.Length - count).SequenceEqual(_format.CallStart.AsSpan(0, count)))
            count--;
        return count;
    }
}
