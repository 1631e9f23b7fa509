using Llama2.Tokenization;

namespace Llama2;

// The parts of the vocabulary that are needed to encode a prompt's scaffolding, that is, the text that the prompt format adds to messages.
public sealed partial class ModelTokenizer
{
    /// <summary>The id of the longest control piece that starts at each position, or -1; empty if the vocabulary has no control pieces.</summary>
    internal int[] FindControlTokens(ReadOnlySpan<char> text) => FindLongest(_controlPieces, text);

    /// <summary>
    /// Like <see cref="FindControlTokens"/>, for control and user-defined pieces: depending on the converter, tokens that a fine-tune added, such as
    /// <c>&lt;|im_end|&gt;</c>, have the one type or the other.
    /// </summary>
    internal int[] FindSpecialTokens(ReadOnlySpan<char> text) => FindLongest(_specialPieces.Value, text);

    /// <summary>The control or user-defined token whose text equals the whole given text, or -1.</summary>
    internal int FindSpecialToken(string text) =>
        FindSpecialTokens(text) is [var id and >= 0, ..] && _vocabulary.Pieces.Length(id) == text.Length ? id : -1;

    /// <summary>
    /// Whether a special token can be a tag: a control token, or a user-defined one that contains a letter or digit and a symbol, as
    /// <c>&lt;|im_end|&gt;</c> does. Other user-defined tokens, such as runs of spaces and whole words, are text.
    /// </summary>
    internal bool IsTag(int id)
    {
        string piece = _vocabulary.Pieces[id];
        return IsControl(id) || (piece.Any(char.IsLetterOrDigit) && piece.Any(character => char.IsPunctuation(character) || char.IsSymbol(character)));
    }

    private static int[] FindLongest(PieceMatcher? matcher, ReadOnlySpan<char> text)
    {
        if (matcher is null)
            return [];
        int[] ids = new int[text.Length];
        matcher.FindLongest(text, ids);
        return ids;
    }
}
