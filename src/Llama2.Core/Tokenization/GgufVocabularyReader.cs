using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>Reads the vocabulary that a GGUF file carries in its metadata (keys <c>tokenizer.ggml.*</c>).</summary>
internal static class GgufVocabularyReader
{
    private const string Prefix = VocabularyMetadata.Prefix;

    /// <exception cref="ModelFormatException">The file has no SentencePiece vocabulary, or a malformed one.</exception>
    public static Vocabulary Read(IModelFile file)
    {
        var metadata = new MetadataReader(file);
        RefuseOtherKinds(file, metadata);
        string[] pieces = metadata.GetStringArray(Prefix + "tokens");
        float[] scores = metadata.GetSingleArray(Prefix + "scores");
        int[] types = metadata.GetInt32Array(Prefix + "token_type", (int)PieceType.Normal, (int)PieceType.Byte);
        return Vocabulary.Create(file.Path, pieces, scores, Array.ConvertAll(types, type => (PieceType)type), new VocabularyOptions
        {
            BeginOfSequenceId = FindId(metadata, "bos_token_id", 1),
            EndOfSequenceId = FindId(metadata, "eos_token_id", 2),
            UnknownId = FindId(metadata, "unknown_token_id", -1),
            AddDummyPrefix = metadata.FindBoolean(Prefix + "add_space_prefix") ?? true,
            AddBeginOfSequence = metadata.FindBoolean(Prefix + "add_bos_token") ?? true,
            AddEndOfSequence = metadata.FindBoolean(Prefix + "add_eos_token") ?? false,
        });
    }

    private static void RefuseOtherKinds(IModelFile file, MetadataReader metadata)
    {
        const string ModelKey = Prefix + "model", WhitespaceKey = Prefix + "remove_extra_whitespaces";
        string model = metadata.FindString(ModelKey)
            ?? throw new ModelFormatException(file.Path, -1, "vocabulary", "absent", $"a model needs one: name it with {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.TokenizerPath)}, such as a tokenizer.model");
        if (model != "llama")
        {
            throw new ModelFormatException(
                file.Path, file.MetadataOffset(ModelKey), ModelKey, $"'{model}'", "only 'llama' is supported, the SentencePiece vocabulary of Llama 1 and 2 and their fine-tunes");
        }

        if (metadata.FindBoolean(WhitespaceKey) == true)
        {
            throw new ModelFormatException(file.Path, file.MetadataOffset(WhitespaceKey), WhitespaceKey, "true", "only false is supported: Llama keeps all spaces");
        }
    }

    // Files without these keys are of the time when the ids were llama.cpp's constants. llama.cpp's "no token" is -1, which is written as an unsigned
    // number too.
    private static int FindId(MetadataReader metadata, string name, int absent)
        => metadata.Has(Prefix + name, uint.MaxValue) ? -1 : metadata.FindInt32(Prefix + name, -1, int.MaxValue) ?? absent;
}
