using Llama2.Architectures;

namespace Llama2.Tokenization;

/// <summary>Writes a vocabulary as the metadata of a GGUF file (keys <c>tokenizer.ggml.*</c>), which <see cref="GgufVocabularyReader"/> reads.</summary>
internal static class VocabularyMetadata
{
    /// <summary>Adds the vocabulary's keys.</summary>
    /// <param name="metadata">The metadata to which the keys are added.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="otherEnds">The ids of tokens that end a generation, in addition to the end tokens that the vocabulary states.</param>
    public static void Add(IDictionary<string, object> metadata, Vocabulary vocabulary, params int[] otherEnds)
    {
        VocabularyOptions options = vocabulary.Options;
        metadata[VocabularyKeys.Model] = "llama";
        metadata[VocabularyKeys.Pieces] = vocabulary.Pieces.ToArray();
        metadata[VocabularyKeys.Scores] = vocabulary.Scores.ToArray();
        metadata[VocabularyKeys.Types] = Array.ConvertAll(vocabulary.Types.ToArray(), type => (int)type);
        AddId(metadata, VocabularyKeys.BeginOfSequenceId, options.BeginOfSequenceId);
        AddId(metadata, VocabularyKeys.EndOfSequenceId, options.EndOfSequenceId);
        AddId(metadata, VocabularyKeys.UnknownId, options.UnknownId);
        AddMerges(metadata, options.Merges);
        AddOtherEnds(metadata, vocabulary, otherEnds);
        AddInfill(metadata, options.Infill);
        metadata[VocabularyKeys.AddBeginOfSequence] = options.AddBeginOfSequence;
        metadata[VocabularyKeys.AddEndOfSequence] = options.AddEndOfSequence;
        metadata[VocabularyKeys.AddDummyPrefix] = options.AddDummyPrefix;
        if (options.PrefixedIds.Count > 0)
            metadata[VocabularyKeys.PrefixedIds] = options.PrefixedIds.ToArray();
        if (options.RemoveExtraSpaces)
            metadata[VocabularyKeys.RemoveExtraSpaces] = true;
        if (options.CharacterMap is { } map)
            metadata[VocabularyKeys.CharacterMap] = map.Bytes.ToArray();
    }

    // Only this library reads this key. Other programs use the scores, which are correct except for the order of some merges.
    private static void AddMerges(IDictionary<string, object> metadata, MergeRanks? merges)
    {
        if (merges is not null)
            metadata[VocabularyKeys.Merges] = merges.Pairs.ToArray();
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
            AddId(metadata, VocabularyKeys.EndOfTurnId, ids[0]);
        if (ids.Length > 1)
            AddId(metadata, VocabularyKeys.EndOfMessageId, ids[1]);
        if (ids.Length > 2)
            metadata[VocabularyKeys.FurtherEndIds] = ids[2..];
    }

    // Tokens that readers find by their names need no keys.
    private static void AddInfill(IDictionary<string, object> metadata, InfillTokens? tokens)
    {
        if (tokens is null)
            return;
        AddId(metadata, VocabularyKeys.InfillPrefixId, tokens.PrefixId);
        AddId(metadata, VocabularyKeys.InfillSuffixId, tokens.SuffixId);
        AddId(metadata, VocabularyKeys.InfillMiddleId, tokens.MiddleId);
    }

    private static void AddId(IDictionary<string, object> metadata, string key, int id)
    {
        // llama.cpp requires an unsigned number, which cannot express that there is no such token.
        if (id >= 0)
            metadata[key] = (uint)id;
        else
            metadata[key] = id;
    }
}
