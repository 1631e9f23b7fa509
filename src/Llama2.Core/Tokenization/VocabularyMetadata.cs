namespace Llama2.Tokenization;

/// <summary>Writes a vocabulary as the metadata of a GGUF file (keys <c>tokenizer.ggml.*</c>), which <see cref="GgufVocabularyReader"/> reads.</summary>
internal static class VocabularyMetadata
{
    /// <summary>The prefix of all keys.</summary>
    public const string Prefix = "tokenizer.ggml.";

    /// <summary>The key of the chat template, which is not part of the vocabulary.</summary>
    public const string ChatTemplateKey = "tokenizer.chat_template";

    /// <summary>The key of <see cref="MergeRanks.Pairs"/>, for which GGUF has no key: an array of ids, two for each merge.</summary>
    public const string MergesKey = Prefix + "merge_ids";

    /// <summary>
    /// The key of an array with the ids of further end tokens. GGUF itself has keys only for end-of-sequence, end of turn and end of message. Other
    /// programs ignore this key.
    /// </summary>
    public const string FurtherEndsKey = Prefix + "end_of_generation_ids";

    /// <summary>
    /// The key of <see cref="VocabularyOptions.PrefixedIds"/>, for which GGUF has no key. Other programs find these pieces wherever their text
    /// occurs.
    /// </summary>
    public const string PrefixedIdsKey = Prefix + "prefixed_token_ids";

    /// <summary>
    /// GGUF's keys for the normalizer, which llama.cpp uses for other kinds of vocabularies. They are written only if the normalizer changes text.
    /// </summary>
    public const string RemoveExtraSpacesKey = Prefix + "remove_extra_whitespaces", CharacterMapKey = Prefix + "precompiled_charsmap";

    /// <summary>Adds the vocabulary's keys.</summary>
    /// <param name="metadata">The metadata to which the keys are added.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="otherEnds">Tokens that end a generation, in addition to those that the vocabulary states.</param>
    public static void Add(IDictionary<string, object> metadata, Vocabulary vocabulary, params int[] otherEnds)
    {
        VocabularyOptions options = vocabulary.Options;
        metadata[Prefix + "model"] = "llama";
        metadata[Prefix + "tokens"] = vocabulary.Pieces.ToArray();
        metadata[Prefix + "scores"] = vocabulary.Scores.ToArray();
        metadata[Prefix + "token_type"] = Array.ConvertAll(vocabulary.Types.ToArray(), type => (int)type);
        AddId(metadata, "bos_token_id", options.BeginOfSequenceId);
        AddId(metadata, "eos_token_id", options.EndOfSequenceId);
        AddId(metadata, "unknown_token_id", options.UnknownId);
        AddMerges(metadata, options.Merges);
        AddOtherEnds(metadata, vocabulary, otherEnds);
        metadata[Prefix + "add_bos_token"] = options.AddBeginOfSequence;
        metadata[Prefix + "add_eos_token"] = options.AddEndOfSequence;
        metadata[Prefix + "add_space_prefix"] = options.AddDummyPrefix;
        if (options.PrefixedIds.Count > 0)
            metadata[PrefixedIdsKey] = options.PrefixedIds.ToArray();
        if (options.RemoveExtraSpaces)
            metadata[RemoveExtraSpacesKey] = true;
        if (options.CharacterMap is { } map)
            metadata[CharacterMapKey] = map.Bytes.ToArray();
    }

    // For this library's own readers; other programs use the scores, which are correct except for the order of some merges.
    private static void AddMerges(IDictionary<string, object> metadata, MergeRanks? merges)
    {
        if (merges is not null)
            metadata[MergesKey] = merges.Pairs.ToArray();
    }

    // End tokens that readers find by their names need no key.
    private static void AddOtherEnds(IDictionary<string, object> metadata, Vocabulary vocabulary, int[] otherEnds)
    {
        int count = vocabulary.Count, end = vocabulary.Options.EndOfSequenceId;
        int[] ids =
        [
            .. vocabulary.Options.OtherEndIds.Concat(otherEnds).Distinct()
                .Where(id => id >= 0 && id < count && id != end && !EndTokens.IsEndName(vocabulary.Pieces.Span(id))),
        ];
        if (ids.Length > 0)
            AddId(metadata, "eot_token_id", ids[0]);
        if (ids.Length > 1)
            AddId(metadata, "eom_token_id", ids[1]);
        if (ids.Length > 2)
            metadata[FurtherEndsKey] = ids[2..];
    }

    private static void AddId(IDictionary<string, object> metadata, string name, int id)
    {
        // llama.cpp requires an unsigned number, which cannot express that there is no such token.
        if (id >= 0)
            metadata[Prefix + name] = (uint)id;
        else
            metadata[Prefix + name] = id;
    }
}
