namespace Llama2.Tokenization;

/// <summary>
/// Finds the tokens that end a generation: those whose ids a file states, and those that have the name of an end token in published models.
/// </summary>
internal static class EndTokens
{
    // Each name ends in '>', ']' or '['. They are in an array, because an 'is' pattern was compiled to 3.8 KB of machine code, the largest method
    // that runs when a model is loaded.
    private static readonly string[] s_names =
    [
        "</s>", "<eos>", "[EOS]", "<EOT>", "_<EOT>", "▁<EOT>", "[EOT]",
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>", "<|end_of_turn|>", "<end_of_turn>",
        "<end_of_utterance>", "<｜end▁of▁sentence｜>", "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "<turn|>", "<|tool_response>", "[e~[",
        "<PAD>", "[PAD]", "<fim_pad>", "<fim-pad>", "<|fim_pad|>",
        "<REPO>", "<reponame>", "<|repo_name|>", "<fim-repo>", "<|fim_repo|>", "<|file_sep|>",
    ];

    /// <summary>Finds a vocabulary's end tokens.</summary>
    /// <param name="pieces">The pieces, by id.</param>
    /// <param name="options">
    /// The options, which contain the ids of the end-of-sequence token and of the other end tokens. Ids outside the vocabulary are ignored, because
    /// such tokens are never generated.
    /// </param>
    /// <param name="areEnds">For each token, whether it is an end token.</param>
    /// <returns>The ids, without duplicates: the end-of-sequence token, then the others in the order in which they are stated, then those found by name.</returns>
    // This method uses no LINQ, because it is JIT-compiled whenever a model is loaded.
    public static int[] Find(PieceTexts pieces, VocabularyOptions options, out bool[] areEnds)
    {
        List<int> ids = [];
        areEnds = new bool[pieces.Count];
        Add(options.EndOfSequenceId, ids, areEnds);
        for (int i = 0; i < options.OtherEndIds.Count; i++)
            Add(options.OtherEndIds[i], ids, areEnds);
        foreach (int id in FindByName(pieces))
            Add(id, ids, areEnds);
        return [.. ids];
    }

    /// <summary>Whether a piece of this name ends a generation in every vocabulary that has it.</summary>
    /// <remarks>
    /// The names are those of llama.cpp (src/llama-vocab.cpp, <c>special_eog_ids</c>). The type of the piece does not matter, because converters
    /// write added tokens as control, user-defined or normal pieces. Two names are not in llama.cpp: <c>▁&lt;EOT&gt;</c>, the spelling in Code
    /// Llama's vocabulary, and OpenChat's <c>&lt;|end_of_turn|&gt;</c>. As in llama.cpp, the padding token and the tokens that separate the files of
    /// a repository are end tokens, because no text continues after them.
    /// </remarks>
    public static bool IsEndName(ReadOnlySpan<char> piece)
    {
        // Most pieces are words, which this check excludes quickly.
        if (piece.IsEmpty || piece[^1] is not ('>' or ']' or '['))
            return false;
        foreach (string name in s_names)
        {
            if (piece.SequenceEqual(name))
                return true;
        }

        return false;
    }

    private static List<int> FindByName(PieceTexts pieces)
    {
        List<int> ids = [];
        bool callsTool = false, endsAnswer = false, takesToolResponse = false;
        for (int id = 0; id < pieces.Count; id++)
        {
            ReadOnlySpan<char> piece = pieces.Span(id);
            if (!IsEndName(piece))
                continue;
            ids.Add(id);
            callsTool |= piece is "<|call|>" or "<|calls|>";
            endsAnswer |= piece is "<|return|>" or "<|flush|>";
            takesToolResponse |= piece is "<|tool_response>";
        }

        // As in llama.cpp, <|end|> and </s> are not end tokens if the vocabulary has certain other names: in such a vocabulary, these two end only a
        // part of an answer.
        string? part = callsTool && endsAnswer ? "<|end|>" : null, other = takesToolResponse ? "</s>" : null;
        int count = 0;
        for (int i = 0; i < ids.Count; i++)
        {
            ReadOnlySpan<char> piece = pieces.Span(ids[i]);
            if (!piece.SequenceEqual(part) && !piece.SequenceEqual(other))
                ids[count++] = ids[i];
        }

        ids.RemoveRange(count, ids.Count - count);
        return ids;
    }

    private static void Add(int id, List<int> ids, bool[] areEnds)
    {
        if ((uint)id < (uint)areEnds.Length && !areEnds[id])
        {
            areEnds[id] = true;
            ids.Add(id);
        }
    }
}
