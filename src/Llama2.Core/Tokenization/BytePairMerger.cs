using System.Buffers;

namespace Llama2.Tokenization;

/// <summary>
/// Byte-pair encoding by score, as in SentencePiece (Sennrich et al. 2016, arXiv 1508.07909; Kudo and Richardson 2018, arXiv 1808.06226). The text is
/// split into single characters. Then the two neighbours that together form the piece with the best score (the leftmost two if several have this
/// score) are merged. This is repeated until no more neighbours can be merged. If the vocabulary has <see cref="MergeRanks"/>, these determine which
/// neighbours are merged and in which order, as in Hugging Face's tokenizers. The time for n characters is O(n log n). Each encoding creates
/// a new instance; the arrays come from a pool.
/// </summary>
internal sealed class BytePairMerger : IDisposable
{
    private readonly Vocabulary _vocabulary;
    private readonly PieceIndex _index;
    private readonly MergeRanks? _ranks;
    private readonly MergeQueue _queue = new();

    // How each unused piece (PieceType.Unused) was merged: the length of its left part. Null if the vocabulary has no unused pieces. Here a split is
    // stored for each place, whereas SentencePiece stores one split for all places where such a piece occurs. The tokens differ from SentencePiece's
    // only if the piece is merged in two ways in one text.
    private readonly Dictionary<(int Start, int Length), int>? _unusedSplits;

    private Symbol[] _symbols = [];
    private ulong[] _prefixes = [];

    public BytePairMerger(Vocabulary vocabulary, PieceIndex index)
    {
        _vocabulary = vocabulary;
        _index = index;
        _ranks = vocabulary.Options.Merges;
        _unusedSplits = index.HasUnused ? [] : null;
    }

    /// <summary>Encodes a part of a text. No piece may contain characters from both sides of the part's start or end.</summary>
    /// <param name="text">The part. It must be normalized and not empty, and must have no lone surrogates.</param>
    /// <param name="offset">The index in the whole text at which the part starts.</param>
    /// <param name="writer">Receives the tokens.</param>
    public void Encode(ReadOnlySpan<char> text, int offset, TokenWriter writer)
    {
        EnsureCapacity(text.Length);
        _unusedSplits?.Clear();
        SplitIntoCharacters(text);
        for (int start = _symbols[0].Length; start < text.Length; start += _symbols[start].Length)
            PushIfPiece(text, _symbols[start].Previous, start);

        while (_queue.TryPop(out MergeQueue.Candidate best))
        {
            if (IsStale(best))
                continue;
            Merge(best, text.Length);
            int left = best.Left, next = left + _symbols[left].Length;
            if (left > 0)
                PushIfPiece(text, _symbols[left].Previous, left);
            if (next < text.Length)
                PushIfPiece(text, left, next);
        }

        for (int start = 0; start < text.Length; start += _symbols[start].Length)
            Write(text, start, _symbols[start], offset, writer);
    }

    public void Dispose()
    {
        _queue.Dispose();
        ReturnArrays();
    }

    private void EnsureCapacity(int length)
    {
        if (length <= _symbols.Length && length < _prefixes.Length)
            return;
        ReturnArrays();
        _symbols = ArrayPool<Symbol>.Shared.Rent(Math.Max(length, 256));
        _prefixes = ArrayPool<ulong>.Shared.Rent(Math.Max(length, 256) + 1);
    }

    private void ReturnArrays()
    {
        if (_prefixes.Length == 0)
            return;
        ArrayPool<Symbol>.Shared.Return(_symbols);
        ArrayPool<ulong>.Shared.Return(_prefixes);
        _symbols = [];
        _prefixes = [];
    }

    private void SplitIntoCharacters(ReadOnlySpan<char> text)
    {
        _prefixes[0] = 0;
        for (int i = 0; i < text.Length; i++)
            _prefixes[i + 1] = TextFingerprint.Append(_prefixes[i], text[i]);

        int previous = -1;
        for (int start = 0; start < text.Length; start += _symbols[start].Length)
        {
            _symbols[start] = new Symbol(char.IsHighSurrogate(text[start]) ? 2 : 1, previous, -1);
            previous = start;
        }
    }

    private void PushIfPiece(ReadOnlySpan<char> text, int left, int right)
    {
        int id = _index.Find(text, _prefixes, left, _symbols[left].Length + _symbols[right].Length);
        if (id < 0)
            return;
        uint order = _index.MergeOrder(id);
        if (_ranks is null || _ranks.TryFind(IdOf(text, left), IdOf(text, right), out order))
            _queue.Push(new MergeQueue.Candidate(((ulong)order << 32) | (uint)left, right, id));
    }

    private int IdOf(ReadOnlySpan<char> text, int start) =>
        _symbols[start].Id >= 0 ? _symbols[start].Id : _index.Find(text, _prefixes, start, _symbols[start].Length);

    /// <summary>Whether one of the two symbols has been merged with another symbol since the pair was found.</summary>
    private bool IsStale(MergeQueue.Candidate candidate)
    {
        int leftLength = _symbols[candidate.Left].Length, rightLength = _symbols[candidate.Right].Length;
        return leftLength == 0 || rightLength == 0 || leftLength + rightLength != _index.PieceLength(candidate.Id);
    }

    private void Merge(MergeQueue.Candidate pair, int textLength)
    {
        ref Symbol left = ref _symbols[pair.Left];
        if (_unusedSplits is not null && _vocabulary.Types[pair.Id] == PieceType.Unused)
            _unusedSplits[(pair.Left, _index.PieceLength(pair.Id))] = left.Length;
        left = new Symbol(_index.PieceLength(pair.Id), left.Previous, pair.Id);
        _symbols[pair.Right] = default;
        int next = pair.Left + left.Length;
        if (next < textLength)
            _symbols[next] = _symbols[next] with { Previous = pair.Left };
    }

    private void Write(ReadOnlySpan<char> text, int start, Symbol symbol, int offset, TokenWriter writer)
    {
        int id = IdOf(text, start);
        if (id < 0)
            writer.WriteCharacter(text.Slice(start, symbol.Length), offset + start + symbol.Length);
        else if (_unusedSplits is not null && _unusedSplits.ContainsKey((start, symbol.Length)))
            WriteUnused(text, start, symbol.Length, offset, writer);
        else
            writer.Write(id, offset + start + symbol.Length);
    }

    /// <summary>
    /// Splits an unused piece into the two parts from which it was merged, and these parts likewise, until no part is an unused piece. An explicit
    /// stack avoids recursion.
    /// </summary>
    private void WriteUnused(ReadOnlySpan<char> text, int start, int length, int offset, TokenWriter writer)
    {
        var parts = new Stack<(int Start, int Length)>([(start, length)]);
        while (parts.TryPop(out (int Start, int Length) part))
        {
            if (_unusedSplits!.TryGetValue(part, out int leftLength))
            {
                parts.Push((part.Start + leftLength, part.Length - leftLength));
                parts.Push((part.Start, leftLength));
                continue;
            }

            int id = _index.Find(text, _prefixes, part.Start, part.Length);
            if (id >= 0)
                writer.Write(id, offset + part.Start + part.Length);
            else
                writer.WriteCharacter(text.Slice(part.Start, part.Length), offset + part.Start + part.Length);
        }
    }

    /// <summary>
    /// Neighbouring characters that have been merged so far. A symbol is stored at the index of its first character; the next symbol starts where it
    /// ends.
    /// </summary>
    /// <param name="Length">The length in UTF-16 characters; 0 if the symbol was merged into the previous one.</param>
    /// <param name="Previous">The start of the previous symbol, or -1.</param>
    /// <param name="Id">The id of the piece, or -1 for a single character that has not been looked up yet.</param>
    private readonly record struct Symbol(int Length, int Previous, int Id);
}
