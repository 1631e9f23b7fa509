namespace Llama2.Tokenization;

/// <summary>Puts a vocabulary read elsewhere into the words of GGUF, for <see cref="GgufVocabularyReader"/> and for files that are written.</summary>
internal static class VocabularyMetadata
{
    /// <summary>The keys <c>tokenizer.ggml.*</c> of a vocabulary.</summary>
    public static Dictionary<string, object> Create(Vocabulary vocabulary) => new(StringComparer.Ordinal)
    {
        ["tokenizer.ggml.model"] = "llama",
        ["tokenizer.ggml.tokens"] = vocabulary.Pieces.ToArray(),
        ["tokenizer.ggml.scores"] = vocabulary.Scores.ToArray(),
        ["tokenizer.ggml.token_type"] = Array.ConvertAll(vocabulary.Types.ToArray(), type => (int)type),
        ["tokenizer.ggml.bos_token_id"] = vocabulary.Options.BeginOfSequenceId,
        ["tokenizer.ggml.eos_token_id"] = vocabulary.Options.EndOfSequenceId,
        ["tokenizer.ggml.unknown_token_id"] = vocabulary.Options.UnknownId,
        ["tokenizer.ggml.add_space_prefix"] = vocabulary.Options.AddDummyPrefix,
        ["tokenizer.ggml.add_bos_token"] = vocabulary.Options.AddBeginOfSequence,
        ["tokenizer.ggml.add_eos_token"] = vocabulary.Options.AddEndOfSequence,
    };
}
