namespace Llama2.Tokenization;

/// <summary>The tokens that end a generation: those that a file names by their ids, and those whose names say so.</summary>
internal static class EndTokens
{
    /// <summary>Finds a vocabulary's end tokens.</summary>
    /// <param name="pieces">The pieces, by id.</param>
    /// <param name="options">
    /// Names the end-of-sequence token and the other ends. Ids that the vocabulary does not have are left out: such a token is never generated.
    /// </param>
    /// <returns>The ids, each once: the end-of-sequence token, then the others in the order in which they are named, then those found by name.</returns>
    public static int[] Find(ReadOnlySpan<string> pieces, VocabularyOptions options)
    {
        int count = pieces.Length;
        IEnumerable<int> given = options.OtherEndIds.Prepend(options.EndOfSequenceId).Where(id => id >= 0 && id < count);
        return [.. given.Concat(FindByName(pieces)).Distinct()];
    }

    /// <summary>Whether a piece of this name ends a generation in every vocabulary that has it.</summary>
    /// <remarks>
    /// The names are those of llama.cpp (src/llama-vocab.cpp, <c>special_eog_ids</c>), whatever type the piece has: converters write added tokens
    /// as control, user-defined or normal pieces. Besides, <c>▁&lt;EOT&gt;</c> as Code Llama's vocabulary spells it, and OpenChat's
    /// <c>&lt;|end_of_turn|&gt;</c>. Padding and the separators of repositories count as ends there too, because no text goes on after them.
    /// </remarks>
    public static bool IsEndName(string piece) => piece is
        "</s>" or "<eos>" or "[EOS]" or "<EOT>" or "_<EOT>" or "▁<EOT>" or "[EOT]"
        or "<|eot_id|>" or "<|eom_id|>" or "<|im_end|>" or "<|end|>" or "<|endoftext|>" or "<|end_of_text|>" or "<|end_of_turn|>" or "<end_of_turn>"
        or "<end_of_utterance>" or "<｜end▁of▁sentence｜>" or "<|return|>" or "<|call|>" or "<|calls|>" or "<|flush|>" or "<turn|>" or "<|tool_response>" or "[e~["
        or "<PAD>" or "[PAD]" or "<fim_pad>" or "<fim-pad>" or "<|fim_pad|>"
        or "<REPO>" or "<reponame>" or "<|repo_name|>" or "<fim-repo>" or "<|fim_repo|>" or "<|file_sep|>";

    private static IEnumerable<int> FindByName(ReadOnlySpan<string> pieces)
    {
        List<(string Name, int Id)> found = [];
        for (int id = 0; id < pieces.Length; id++)
        {
            if (IsEndName(pieces[id]))
                found.Add((pieces[id], id));
        }

        // llama.cpp's exceptions: beside the one names the other one ends a part of an answer, not the answer.
        var names = found.Select(end => end.Name).ToHashSet(StringComparer.Ordinal);
        bool hasCall = names.Contains("<|call|>") || names.Contains("<|calls|>");
        if (hasCall && (names.Contains("<|return|>") || names.Contains("<|flush|>")))
            found.RemoveAll(end => end.Name == "<|end|>");
        if (names.Contains("<|tool_response>"))
            found.RemoveAll(end => end.Name == "</s>");
        return found.Select(end => end.Id);
    }
}
