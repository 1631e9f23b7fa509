using Llama2.Tokenization;

namespace Llama2;

// The members that are needed to encode a prompt's scaffolding, that is, the text that the prompt format adds around the messages.
public sealed partial class ModelTokenizer
{
    /// <summary>The id of the longest control piece that starts at each position, or -1; empty if the vocabulary has no control pieces.</summary>
    internal int[] FindControlTokens(ReadOnlySpan<char> text) => FindLongest(_controlPieces, text);

    /// <summary>
    /// Like <see cref="FindControlTokens"/>, but for both control and user-defined pieces, because tokens that a fine-tune added, such as
    /// <c>&lt;|im_end|&gt;</c>, have one of these two types, depending on the converter.
    /// </summary>
    internal int[] FindSpecialTokens(ReadOnlySpan<char> text) => FindLongest(_specialPieces.Value, text);

    /// <summary>The id of the control or user-defined token whose text equals the whole given text, or -1.</summary>
    internal int FindSpecialToken(string text) =>
        FindSpecialTokens(text) is [var id and >= 0, ..] && _vocabulary.Pieces.Length(id) == text.Length ? id : -1;

    /// <summary>
    /// Whether a control or user-defined token can be a tag of a prompt format. Control tokens can, and so can user-defined tokens that contain a
    /// symbol and a letter or digit, as <c>&lt;|im_end|&gt;</c> does. Other user-defined tokens, such as runs of spaces and whole words, are text.
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
