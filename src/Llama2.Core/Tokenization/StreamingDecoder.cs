using System.Globalization;
using System.Text;
using Llama2.Tokenization;

namespace Llama2;

/// <summary>
/// Decodes tokens one by one, for output that appears while it is generated. Only whole characters are returned: while a character that is
/// represented by byte tokens is incomplete, <see cref="Append"/> returns an empty string. All returned texts, followed by the one that
/// <see cref="Flush"/> returns, together form the text that <see cref="ModelTokenizer.Decode(ReadOnlySpan{int})"/> returns for the same tokens.
/// </summary>
/// <remarks>Created by <see cref="ModelTokenizer.CreateStreamingDecoder"/> for one sequence of tokens. Not thread-safe.</remarks>
public sealed class StreamingDecoder
{
    private const int LongestCharacter = 4;

    private readonly DecodedPieces _pieces;
    private readonly byte[] _unfinished = new byte[LongestCharacter];
    private int _unfinishedCount;
    private bool _isAtStart;

    internal StreamingDecoder(DecodedPieces pieces, bool keepLeadingSpace)
    {
        _pieces = pieces;
        _isAtStart = !keepLeadingSpace;
    }

    /// <summary>Takes the next token.</summary>
    /// <param name="token">A token's id, 0 to <see cref="ModelTokenizer.VocabularySize"/> - 1.</param>
    /// <returns>
    /// The text that this token completes: "" for control tokens and incomplete characters; U+FFFD for each byte that turns out not to be part of a
    /// character. The method allocates only if byte tokens represent a character beyond ASCII.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary; the decoder's state is unchanged.</exception>
    public string Append(int token)
    {
        if ((uint)token >= (uint)_pieces.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(token), token, string.Create(CultureInfo.InvariantCulture, $"A token id must be from 0 to {_pieces.Count - 1:N0}."));
        }

        int value = _pieces.Byte(token);
        if (value >= 0)
            return AppendByte((byte)value, token);

        string before = Flush();
        string text = _isAtStart ? _pieces.TextAtStart(token) : _pieces.Text(token);
        // A token that is only the dummy prefix decodes to an empty text, but the next token is no longer at the start of the text.
        _isAtStart &= (_pieces.RemovesLeadingSpaces ? text : _pieces.Text(token)).Length == 0;
        return before.Length == 0 ? text : before + text;
    }

    /// <summary>
    /// Ends the text: returns U+FFFD for each byte of an incomplete character, or "" if there is none. More tokens may be appended afterwards.
    /// </summary>
    public string Flush()
    {
        if (_unfinishedCount == 0)
            return "";
        var text = new string('\uFFFD', _unfinishedCount);
        _unfinishedCount = 0;
        return text;
    }

    internal bool HasUnfinishedCharacter => _unfinishedCount > 0;

    private string AppendByte(byte value, int token)
    {
        if (_unfinishedCount == 0 && value < 0x80)
        {
            _isAtStart = false;
            return _pieces.Text(token);
        }

        _unfinished[_unfinishedCount++] = value;
        Span<char> characters = stackalloc char[LongestCharacter];
        int count = TakeCharacters(characters);
        // Bytes of an incomplete character are already text, because they become U+FFFD if nothing completes the character.
        _isAtStart = false;
        return count == 0 ? "" : new string(characters[..count]);
    }

    /// <summary>
    /// Decodes those pending bytes whose meaning no later byte can change. As in SentencePiece, each byte of a malformed sequence is replaced by
    /// U+FFFD. The decoder of .NET is not used, because it replaces several bytes that could have been the beginning of a character by a single
    /// U+FFFD.
    /// </summary>
    private int TakeCharacters(Span<char> characters)
    {
        int count = 0;
        while (_unfinishedCount > 0)
        {
            ReadOnlySpan<byte> bytes = _unfinished.AsSpan(0, _unfinishedCount);
            System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int byteCount);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
                break;
            if (status == System.Buffers.OperationStatus.InvalidData)
                byteCount = 1;
            count += rune.EncodeToUtf16(characters[count..]);
            _unfinished.AsSpan(byteCount, _unfinishedCount - byteCount).CopyTo(_unfinished);
            _unfinishedCount -= byteCount;
        }

        return count;
    }
}
