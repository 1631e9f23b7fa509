namespace Llama2.Tokenization;

/// <summary>Finds the tokens for filling a gap by their names in published models.</summary>
internal static class InfillNames
{
    // In Code Llama's vocabulary the names begin with a space; the other spellings are those of models whose vocabulary was extended.
    private static readonly (string Prefix, string Suffix, string Middle)[] s_names =
    [
        ("\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>"),
        ("<PRE>", "<SUF>", "<MID>"),
        ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ];

    /// <summary>The tokens that have the three names of one model; null if the vocabulary does not have all three.</summary>
    public static InfillTokens? Find(PieceTexts pieces)
    {
        var found = new int[s_names.Length, 3];
        for (int id = pieces.Count - 1; id >= 0; id--)
        {
            // Most pieces are words.
            ReadOnlySpan<char> piece = pieces.Span(id);
            if (piece.IsEmpty || piece[^1] != '>')
                continue;
            for (int i = 0; i < s_names.Length; i++)
            {
                (string prefix, string suffix, string middle) = s_names[i];
                int place = piece.SequenceEqual(prefix) ? 0 : piece.SequenceEqual(suffix) ? 1 : piece.SequenceEqual(middle) ? 2 : -1;
                if (place >= 0)
                    found[i, place] = id;
            }
        }

        // Id 0 is the unknown token, which has none of these names.
        for (int i = 0; i < s_names.Length; i++)
        {
            if (found[i, 0] > 0 && found[i, 1] > 0 && found[i, 2] > 0)
                return new InfillTokens(found[i, 0], found[i, 1], found[i, 2]);
        }

        return null;
    }
}
