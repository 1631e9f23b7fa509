using Llama2.Architectures;
using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>Reads the vocabulary from the metadata of a GGUF file (keys <c>tokenizer.ggml.*</c>).</summary>
internal static class GgufVocabularyReader
{
    /// <exception cref="ModelFormatException">The file has no SentencePiece vocabulary, or a malformed one.</exception>
    public static Vocabulary Read(IModelFile file)
    {
        var metadata = new MetadataReader(file);
        RefuseOtherKinds(file, metadata);
        string[] pieces = metadata.GetStringArray(VocabularyKeys.Pieces);
        // If a file has no scores, all scores are 0, as in llama.cpp.
        float[] scores = metadata.FindSingleArray(VocabularyKeys.Scores) ?? new float[pieces.Length];
        int unknownId = FindId(metadata, VocabularyKeys.UnknownId, -1);
        PieceType[] types = ReadTypes(metadata) ?? TypesByName(pieces, unknownId);
        MakePadsUnused(types, unknownId);
        return Vocabulary.Create(file.Path, new PieceTexts(pieces), scores, types, new VocabularyOptions
        {
            BeginOfSequenceId = FindId(metadata, VocabularyKeys.BeginOfSequenceId, 1),
            EndOfSequenceId = FindId(metadata, VocabularyKeys.EndOfSequenceId, 2),
            UnknownId = unknownId,
            Merges = ReadMerges(metadata, pieces.Length),
            OtherEndIds = FindOtherEnds(metadata),
            Infill = FindInfill(metadata, pieces.Length),
            PrefixedIds = metadata.FindInt32Array(VocabularyKeys.PrefixedIds, 0, pieces.Length - 1) ?? [],
            AddDummyPrefix = metadata.FindBoolean(VocabularyKeys.AddDummyPrefix) ?? true,
            RemoveExtraSpaces = metadata.FindBoolean(VocabularyKeys.RemoveExtraSpaces) ?? false,
            CharacterMap = ReadBytes(metadata, VocabularyKeys.CharacterMap) is { Length: > 0 } map ? CharacterMap.Create(map, file.Path) : null,
            AddBeginOfSequence = metadata.FindBoolean(VocabularyKeys.AddBeginOfSequence) ?? true,
            AddEndOfSequence = metadata.FindBoolean(VocabularyKeys.AddEndOfSequence) ?? false,
        });
    }

    /// <summary>
    /// The end tokens that a file states in addition to the end-of-sequence token: the end of a turn, the end of a message, and those that
    /// <see cref="VocabularyKeys.FurtherEndIds"/> lists. The result may contain -1 and ids outside the vocabulary, which stand for no token.
    /// </summary>
    public static int[] FindOtherEnds(MetadataReader metadata) =>
    [
        FindId(metadata, VocabularyKeys.EndOfTurnId, -1),
        FindId(metadata, VocabularyKeys.EndOfMessageId, -1),
        .. metadata.FindInt32Array(VocabularyKeys.FurtherEndIds, -1, int.MaxValue) ?? [],
    ];

    // The ids are ignored unless they belong to three different tokens of the vocabulary; such tokens may then still be found by their names.
    private static InfillTokens? FindInfill(MetadataReader metadata, int pieceCount)
    {
        int prefix = FindId(metadata, VocabularyKeys.InfillPrefixId, FindId(metadata, VocabularyKeys.OldInfillPrefixId, -1));
        int suffix = FindId(metadata, VocabularyKeys.InfillSuffixId, FindId(metadata, VocabularyKeys.OldInfillSuffixId, -1));
        int middle = FindId(metadata, VocabularyKeys.InfillMiddleId, FindId(metadata, VocabularyKeys.OldInfillMiddleId, -1));
        bool areValid = Math.Min(prefix, Math.Min(suffix, middle)) >= 0 && Math.Max(prefix, Math.Max(suffix, middle)) < pieceCount
            && prefix != suffix && suffix != middle && middle != prefix;
        return areValid ? new InfillTokens(prefix, suffix, middle) : null;
    }

    // A loop is used, because Array.ConvertAll with PieceType is not precompiled, and the JIT compiler would have to compile it at each start.
    private static PieceType[]? ReadTypes(MetadataReader metadata)
    {
        if (metadata.FindInt32Array(VocabularyKeys.Types, (int)PieceType.Normal, (int)PieceType.Byte) is not { } numbers)
            return null;
        var types = new PieceType[numbers.Length];
        for (int id = 0; id < types.Length; id++)
            types[id] = (PieceType)numbers[id];
        return types;
    }

    // If a file has no types, all pieces are text except those that are named like bytes (<0x0A>), as in llama.cpp.
    private static PieceType[] TypesByName(string[] pieces, int unknownId)
    {
        var types = new PieceType[pieces.Length];
        Array.Fill(types, PieceType.Normal);
        int[] bytes = [.. Enumerable.Range(0, pieces.Length).Where(id => Vocabulary.TryParseByte(pieces[id], out _)).DistinctBy(id => pieces[id].ToUpperInvariant())];
        if (bytes.Length == 256)
            Array.ForEach(bytes, id => types[id] = PieceType.Byte);
        if (unknownId < 0)
            unknownId = Array.IndexOf(pieces, "<unk>");
        if ((uint)unknownId < (uint)types.Length && types[unknownId] == PieceType.Normal)
            types[unknownId] = PieceType.Unknown;
        return types;
    }

    // In mid-2024, llama.cpp's converter also gave the type Unknown to the placeholders at the end of the vocabulary, but only one piece may have
    // it.
    private static void MakePadsUnused(PieceType[] types, int unknownId)
    {
        int kept = (uint)unknownId < (uint)types.Length && types[unknownId] == PieceType.Unknown ? unknownId : -1;
        for (int id = 0; id < types.Length; id++)
        {
            if (types[id] != PieceType.Unknown || id == kept)
                continue;
            if (kept < 0)
                kept = id;
            else
                types[id] = PieceType.Unused;
        }
    }

    // Some writers store signed bytes, others unsigned bytes.
    private static byte[] ReadBytes(MetadataReader metadata, string key) =>
        metadata.FindInt32Array(key, sbyte.MinValue, byte.MaxValue) is { } numbers ? Array.ConvertAll(numbers, number => unchecked((byte)number)) : [];

    private static MergeRanks? ReadMerges(MetadataReader metadata, int pieceCount) =>
        metadata.FindInt32Array(VocabularyKeys.Merges, 0, pieceCount - 1) is not { } pairs ? null
        : pairs.Length % 2 == 0 ? new MergeRanks(pairs)
        : throw metadata.Fault(VocabularyKeys.Merges, $"{pairs.Length} ids", "a merge must have two");

    private static void RefuseOtherKinds(IModelFile file, MetadataReader metadata)
    {
        string model = metadata.FindString(VocabularyKeys.Model)
            ?? throw new ModelFormatException(file.Path, null, "vocabulary", "absent", $"a model needs one: give the file of its tokenizer, such as tokenizer.model ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.TokenizerPath)}, or llama2 convert with --tokenizer)");
        if (model != "llama")
        {
            throw new ModelFormatException(
                file.Path, file.MetadataOffset(VocabularyKeys.Model), VocabularyKeys.Model, $"'{model}'", "only 'llama' is supported, the SentencePiece vocabulary of Llama 1 and 2 and their fine-tunes");
        }
    }

    // Files without these keys are from the time when the ids were constants in llama.cpp. llama.cpp's value for "no token" is -1, which may also be
    // written as an unsigned number.
    private static int FindId(MetadataReader metadata, string key, int absent)
        => metadata.Has(key, uint.MaxValue) ? -1 : metadata.FindInt32(key, -1, int.MaxValue) ?? absent;
}
