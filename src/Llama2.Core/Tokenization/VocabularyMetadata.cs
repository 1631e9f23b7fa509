namespace Llama2.Tokenization;

/// <summary>Writes a vocabulary as the metadata of a GGUF file (keys <c>tokenizer.ggml.*</c>), which <see cref="GgufVocabularyReader"/> reads.</summary>
internal static class VocabularyMetadata
{
    /// <summary>What all keys begin with.</summary>
    public const string Prefix = "tokenizer.ggml.";

    /// <summary>The key of the chat template, which is no part of the vocabulary.</summary>
    public const string ChatTemplateKey = "tokenizer.chat_template";

    /// <summary>The key of <see cref="MergeRanks.Pairs"/>, for which GGUF has none: an array of ids, two for each merge.</summary>
    public const string MergesKey = Prefix + "merge_ids";

    /// <summary>Adds the vocabulary's keys.</summary>
    public static void Add(IDictionary<string, object> metadata, Vocabulary vocabulary)
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
        metadata[Prefix + "add_bos_token"] = options.AddBeginOfSequence;
        metadata[Prefix + "add_eos_token"] = options.AddEndOfSequence;
        metadata[Prefix + "add_space_prefix"] = options.AddDummyPrefix;
    }

    // For this library's own readers; others take the scores, which are right but for the order of some merges.
    private static void AddMerges(IDictionary<string, object> metadata, MergeRanks? merges)
    {
        if (merges is not null)
            metadata[MergesKey] = merges.Pairs.ToArray();
    }

    private static void AddId(IDictionary<string, object> metadata, string name, int id)
    {
        // llama.cpp asks for an unsigned number, which has no way to say that there is none.
        if (id >= 0)
            metadata[Prefix + name] = (uint)id;
        else
            metadata[Prefix + name] = id;
    }
}
