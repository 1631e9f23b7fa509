using System.Buffers;
using Llama2.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Llama2;

// The members that Microsoft.ML.Tokenizers requires of a tokenizer. All results are derived from a list of tokens with the positions where they end.
public sealed partial class ModelTokenizer
{
    /// <inheritdoc/>
    /// <remarks>If the caller switches normalization off, the text must already contain the dummy prefix, and U+2581 instead of spaces.</remarks>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        Tokens tokens = EncodeAll(text, textSpan, settings);
        int count = tokens.CountFitting(settings.MaxTokenCount);
        return new EncodeResults<int>
        {
            Tokens = tokens.Ids.GetRange(0, count),
            NormalizedText = tokens.NormalizedText,
            CharsConsumed = tokens.EndOf(count),
        };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Offsets refer to the normalized text. If a character is represented by byte tokens, the last of them has the character's range, and the others
    /// have an empty range.
    /// </remarks>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        Tokens tokens = EncodeAll(text, textSpan, settings);
        int count = tokens.CountFitting(settings.MaxTokenCount);
        var encoded = new EncodedToken[count];
        for (int i = 0; i < count; i++)
            encoded[i] = new EncodedToken(tokens.Ids[i], _vocabulary.Pieces[tokens.Ids[i]], tokens.EndOf(i)..tokens.EndOf(i + 1));
        return new EncodeResults<EncodedToken>
        {
            Tokens = encoded,
            NormalizedText = tokens.NormalizedText,
            CharsConsumed = tokens.EndOf(count),
        };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeAll(text, textSpan, settings).CountFitting(settings.MaxTokenCount);

    /// <inheritdoc/>
    /// <remarks>The index is never between the byte tokens of one character.</remarks>
    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        Tokens tokens = EncodeAll(text, textSpan, settings);
        normalizedText = tokens.NormalizedText;
        if (!fromEnd)
        {
            tokenCount = tokens.CountFitting(settings.MaxTokenCount);
            return tokens.EndOf(tokenCount);
        }

        int first = tokens.FirstFitting(settings.MaxTokenCount);
        tokenCount = tokens.Ids.Count - first;
        return tokens.EndOf(first);
    }

    /// <inheritdoc cref="Decode(ReadOnlySpan{int})"/>
    /// <param name="ids">Token ids.</param>
    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Decode([.. ids]);
    }

    /// <summary>
    /// Decodes as many tokens as fit in the destination. Only whole characters are written, and only the text of the first
    /// <paramref name="idsConsumed"/> tokens.
    /// </summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="destination">Receives the text.</param>
    /// <param name="idsConsumed">The number of tokens whose text was written.</param>
    /// <param name="charsWritten">The number of characters written.</param>
    /// <returns>
    /// Done; DestinationTooSmall if the text of the remaining tokens does not fit; InvalidData if an id is not in the vocabulary.
    /// </returns>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        StreamingDecoder decoder = CreateStreamingDecoder();
        int taken = 0;
        idsConsumed = charsWritten = 0;
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)VocabularySize)
                return OperationStatus.InvalidData;
            if (!TryWrite(decoder.Append(id), destination, ref charsWritten))
                return OperationStatus.DestinationTooSmall;
            taken++;
            if (!decoder.HasUnfinishedCharacter)
                idsConsumed = taken;
        }

        if (!TryWrite(decoder.Flush(), destination, ref charsWritten))
            return OperationStatus.DestinationTooSmall;
        idsConsumed = taken;
        return OperationStatus.Done;
    }

    private static bool TryWrite(string text, Span<char> destination, ref int written)
    {
        if (!text.TryCopyTo(destination[written..]))
            return false;
        written += text.Length;
        return true;
    }

    private Tokens EncodeAll(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxTokenCount, nameof(settings));
        ReadOnlySpan<char> given = text is null ? textSpan : text;
        CheckLength(given);
        string normalized = settings.ConsiderNormalization
            ? _encoder.Normalize(given, addDummyPrefix: true)
            : TextEncoder.ReplaceLoneSurrogates(given);

        List<int> ids = [], ends = [];
        if (_vocabulary.Options is { AddBeginOfSequence: true, BeginOfSequenceId: >= 0 })
        {
            ids.Add(BeginOfSequenceId);
            ends.Add(0);
        }

        _encoder.EncodeNormalized(normalized, ids, ends);
        if (_vocabulary.Options is { AddEndOfSequence: true, EndOfSequenceId: >= 0 })
        {
            ids.Add(EndOfSequenceId);
            ends.Add(normalized.Length);
        }

        return new Tokens(_vocabulary, normalized, ids, ends);
    }

    /// <summary>A text's tokens, and the offset in the normalized text at which each of them ends.</summary>
    private sealed record Tokens(Vocabulary Vocabulary, string NormalizedText, List<int> Ids, List<int> Ends)
    {
        public int EndOf(int count) => count == 0 ? 0 : Ends[count - 1];

        /// <summary>
        /// Returns how many tokens at the beginning to keep: as many as possible, but at most <paramref name="maximum"/>, such that the last of them
        /// ends at the end of a character.
        /// </summary>
        public int CountFitting(int maximum)
        {
            int count = Math.Min(maximum, Ids.Count);
            while (count > 0 && IsUnfinishedByte(count - 1))
                count--;
            return count;
        }

        /// <summary>
        /// Returns the index of the first of the tokens at the end to keep: as many as possible, but at most <paramref name="maximum"/>, such that
        /// the first of them starts at the start of a character.
        /// </summary>
        public int FirstFitting(int maximum)
        {
            int first = Math.Max(0, Ids.Count - maximum);
            while (first > 0 && first < Ids.Count && IsUnfinishedByte(first - 1))
                first++;
            return first;
        }

        private bool IsUnfinishedByte(int index) =>
            EndOf(index) == EndOf(index + 1) && Vocabulary.Types[Ids[index]] == PieceType.Byte;
    }
}
