namespace Llama2.Architectures;

/// <summary>The metadata keys of a vocabulary and of the chat template.</summary>
internal static class VocabularyKeys
{
    /// <summary>The prefix of all keys of a vocabulary.</summary>
    public const string Prefix = "tokenizer.ggml.";

    /// <summary>The kind of vocabulary; this library reads only <c>llama</c>, a SentencePiece vocabulary.</summary>
    public const string Model = Prefix + "model";
    public const string Pieces = Prefix + "tokens";
    public const string Scores = Prefix + "scores";
    public const string Types = Prefix + "token_type";

    public const string BeginOfSequenceId = Prefix + "bos_token_id";
    public const string EndOfSequenceId = Prefix + "eos_token_id";
    public const string UnknownId = Prefix + "unknown_token_id";
    public const string EndOfTurnId = Prefix + "eot_token_id";
    public const string EndOfMessageId = Prefix + "eom_token_id";

    /// <summary>The tokens for filling a gap.</summary>
    public const string InfillPrefixId = Prefix + "fim_pre_token_id", InfillSuffixId = Prefix + "fim_suf_token_id", InfillMiddleId = Prefix + "fim_mid_token_id";

    /// <summary>The same tokens in files that llama.cpp wrote before October 2024.</summary>
    public const string OldInfillPrefixId = Prefix + "prefix_token_id", OldInfillSuffixId = Prefix + "suffix_token_id", OldInfillMiddleId = Prefix + "middle_token_id";

    public const string AddBeginOfSequence = Prefix + "add_bos_token";
    public const string AddEndOfSequence = Prefix + "add_eos_token";
    public const string AddDummyPrefix = Prefix + "add_space_prefix";

    /// <summary>
    /// Settings of the normalizer. llama.cpp uses these keys for other kinds of vocabularies. This library writes them only if the normalizer changes text.
    /// </summary>
    public const string RemoveExtraSpaces = Prefix + "remove_extra_whitespaces", CharacterMap = Prefix + "precompiled_charsmap";

    /// <summary>
    /// The merges in order: an array with two token ids for each merge. GGUF has no key for them, and other programs ignore this key.
    /// </summary>
    public const string Merges = Prefix + "merge_ids";

    /// <summary>
    /// An array with the ids of further end tokens. GGUF itself has keys only for the tokens that end a sequence, a turn or a message. Other programs
    /// ignore this key.
    /// </summary>
    public const string FurtherEndIds = Prefix + "end_of_generation_ids";

    /// <summary>
    /// The ids of pieces that match only at the beginning of a word. GGUF has no key for them; in other programs these pieces match wherever their
    /// text occurs.
    /// </summary>
    public const string PrefixedIds = Prefix + "prefixed_token_ids";

    /// <summary>The chat template, which is not part of the vocabulary.</summary>
    public const string ChatTemplate = "tokenizer.chat_template";
}
