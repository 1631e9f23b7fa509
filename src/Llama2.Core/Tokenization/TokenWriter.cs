using System.Text;

namespace Llama2.Tokenization;

/// <summary>
/// Receives the tokens of a text. A character without a piece is written as byte tokens. If the vocabulary has no byte pieces, consecutive characters
/// without a piece are written as one unknown token.
/// </summary>
internal sealed class TokenWriter
{
    private readonly Vocabulary _vocabulary;
    private readonly List<int> _ids;
    private readonly List<int>? _ends;
    private bool _isAfterUnknown;

    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="ids">The list to which the ids are appended.</param>
    /// <param name="ends">
    /// The list to which, for each token, the offset of the token's end in the normalized text is appended; null if the offsets are not needed. Of
    /// the byte tokens of a character, the last ends at the end of the character, and the others end at its start.
    /// </param>
    public TokenWriter(Vocabulary vocabulary, List<int> ids, List<int>? ends)
    {
        _vocabulary = vocabulary;
        _ids = ids;
        _ends = ends;
    }

    public void Write(int id, int end)
    {
        _ids.Add(id);
        _ends?.Add(end);
        _isAfterUnknown = false;
    }

    /// <summary>Writes one character that has no piece.</summary>
    public void WriteCharacter(ReadOnlySpan<char> character, int end)
    {
        ReadOnlySpan<int> byteIds = _vocabulary.ByteIds;
        if (byteIds.IsEmpty)
        {
            WriteUnknown(end);
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        int count = Encoding.UTF8.GetBytes(character, utf8);
        for (int i = 0; i < count; i++)
            Write(byteIds[utf8[i]], i == count - 1 ? end : end - character.Length);
    }

    /// <summary>Like SentencePiece, joins consecutive unknown characters into one token.</summary>
    private void WriteUnknown(int end)
    {
        if (_isAfterUnknown)
        {
            if (_ends is not null)
                _ends[^1] = end;
            return;
        }

        Write(_vocabulary.Options.UnknownId, end);
        _isAfterUnknown = true;
    }
}
