using System.Text;
using System.Text.Json;

namespace Llama2;

/// <summary>
/// Finds the calls of tools in an answer, piece by piece as it is generated. Text that may be the beginning of a call is held back until it is known.
/// Not thread-safe; each answer has its own.
/// </summary>
public sealed class ToolCallReader
{
    private readonly StringBuilder _held = new();
    private bool _isInCall;
    private bool _isStarted;

    internal ToolCallReader()
    {
    }

    /// <summary>Adds a piece of the answer.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="calls">Receives the calls that the piece completes.</param>
    /// <returns>The text outside calls that is now known to be text, without the white space before the first text and around calls.</returns>
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
    /// <returns>The text that was held back: nothing, or a beginning of a call that is not followed by its end.</returns>
    public string Flush()
    {
        string rest = (_isInCall ? ToolFormat.CallStart : "") + _held;
        _held.Clear();
        return string.IsNullOrWhiteSpace(rest) ? "" : rest;
    }

    // Returns whether a call begins.
    private bool TakeText(StringBuilder text)
    {
        string held = _held.ToString();
        int start = held.IndexOf(ToolFormat.CallStart, StringComparison.Ordinal);
        int end = start >= 0 ? start : held.Length - CountPossibleStart(held);
        while (end > 0 && char.IsWhiteSpace(held[end - 1]))
            end--;
        ReadOnlySpan<char> known = _isStarted ? held.AsSpan(0, end) : held.AsSpan(0, end).TrimStart();
        _isStarted |= known.Length > 0;
        text.Append(known);
        _isInCall = start >= 0;
        _held.Remove(0, _isInCall ? start + ToolFormat.CallStart.Length : end);
        return _isInCall;
    }

    // Returns whether a call ends. Its end tag may also be part of a text in its arguments.
    private bool TakeCall(ICollection<LlamaToolCall> calls)
    {
        string held = _held.ToString();
        for (int end = 0; (end = held.IndexOf(ToolFormat.CallEnd, end, StringComparison.Ordinal)) >= 0; end += ToolFormat.CallEnd.Length)
        {
            if (Parse(held[..end]) is not { } call)
                continue;
            calls.Add(call);
            _held.Remove(0, end + ToolFormat.CallEnd.Length);
            _isInCall = false;
            return true;
        }

        return false;
    }

    // How many of the last characters may be the beginning of a call.
    private static int CountPossibleStart(string text)
    {
        int count = Math.Min(text.Length, ToolFormat.CallStart.Length - 1);
        while (count > 0 && !text.AsSpan(text.Length - count).SequenceEqual(ToolFormat.CallStart.AsSpan(0, count)))
            count--;
        return count;
    }

    private static LlamaToolCall? Parse(string json)
    {
        try
        {
            JsonElement call = JsonElement.Parse(json);
            return call.ValueKind == JsonValueKind.Object
                && call.TryGetProperty("name"u8, out JsonElement name) && name.ValueKind == JsonValueKind.String
                && call.TryGetProperty("arguments"u8, out JsonElement arguments) && arguments.ValueKind == JsonValueKind.Object
                ? new LlamaToolCall(name.GetString()!, arguments)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
