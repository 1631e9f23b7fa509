using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// Turns the merges of a <c>tokenizer.json</c> into SentencePiece's scores. Hugging Face merges a listed pair, the earliest in the list first;
/// SentencePiece merges any two pieces that together are a piece, the best score first. The two agree if the list has every such pair, and
/// the pairs of one piece stand together, as in the lists that are made of a SentencePiece model. Anything else is refused, not approximated.
/// </summary>
internal sealed class MergeTable(string path, string[] pieces, PieceType[] types)
{
    // A second's work.
    private const long MaxSquaredLength = 1 << 30;
    private readonly Dictionary<string, int> _ids = Index(pieces);
    private readonly int[] _firstRank = Filled(pieces.Length), _lastRank = Filled(pieces.Length), _pairCount = new int[pieces.Length];

    /// <summary>The score of each piece: minus the place of its first merge in the list.</summary>
    /// <exception cref="ModelFormatException">A merge is malformed, or the list is not as SentencePiece would merge.</exception>
    public float[] Scores(JsonElement merges)
    {
        CheckLength();
        int rank = 0;
        foreach (JsonElement merge in merges.EnumerateArray())
            AddMerge(merge, rank++);
        CheckOrder();
        CheckCompleteness();
        return Array.ConvertAll(_firstRank, first => first < 0 ? -rank : (float)-first);
    }

    private void AddMerge(JsonElement merge, int rank)
    {
        (string left, string right) = Parse(merge, rank);
        if (!_ids.TryGetValue(left + right, out int union) || !_ids.TryGetValue(left, out int leftId) || !_ids.TryGetValue(right, out int rightId))
            throw Fault(rank, $"'{left}' '{right}'", "both parts and the whole are pieces of the vocabulary: the file is damaged");

        // No text becomes a control token or a byte by merging: text that spells one is taken for what it is before.
        if (!IsText(union) || !IsText(leftId) || !IsText(rightId))
            return;
        if (_firstRank[union] < 0)
            _firstRank[union] = rank;
        _lastRank[union] = rank;
        _pairCount[union]++;
    }

    private (string Left, string Right) Parse(JsonElement merge, int rank)
    {
        if (merge.ValueKind == JsonValueKind.String && merge.GetString()! is var text && text.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space
            && space < text.Length - 1 && text.IndexOf(' ', space + 1) < 0)
        {
            return (text[..space], text[(space + 1)..]);
        }

        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String)
            return (merge[0].GetString()!, merge[1].GetString()!);
        throw Fault(rank, merge.ValueKind.ToString(), "a merge is two pieces, in an array or with a space between");
    }

    private void CheckOrder()
    {
        int[] ids = [.. Enumerable.Range(0, pieces.Length).Where(id => _firstRank[id] >= 0).OrderBy(id => _firstRank[id])];
        for (int i = 1; i < ids.Length; i++)
        {
            if (_lastRank[ids[i - 1]] > _firstRank[ids[i]])
                throw Fault(_firstRank[ids[i]], $"one of '{pieces[ids[i]]}'", $"one of '{pieces[ids[i - 1]]}' comes later, which no scores of pieces express; use the tokenizer.model if there is one");
        }
    }

    // Every piece is cut at each of its characters, and both parts are looked up.
    private void CheckLength()
    {
        long work = pieces.Sum(piece => (long)piece.Length * piece.Length);
        if (work > MaxSquaredLength)
        {
            throw new ModelFormatException(
                path, -1, "model.vocab", Invariant($"pieces whose squared lengths are {work:N0} together"),
                Invariant($"at most {MaxSquaredLength:N0} are allowed; Llama 2's have about 1,000,000"));
        }
    }

    private void CheckCompleteness()
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int id = 0; id < pieces.Length; id++)
        {
            string piece = pieces[id];
            if (!IsText(id) || _ids[piece] != id)
                continue;

            int pairCount = 0;
            for (int i = 1; i < piece.Length; i++)
            {
                if (!char.IsLowSurrogate(piece[i]) && IsTextPiece(piece.AsSpan(0, i)) && IsTextPiece(piece.AsSpan(i)))
                    pairCount++;
            }

            if (pairCount != _pairCount[id])
            {
                throw new ModelFormatException(
                    path, -1, $"merges of '{piece}'", Invariant($"{_pairCount[id]:N0}"),
                    Invariant($"{pairCount:N0} pairs of pieces spell it, and only lists with every pair, as they are made of a SentencePiece model, are supported; use the tokenizer.model if there is one"));
            }
        }

        bool IsTextPiece(ReadOnlySpan<char> part) => ids.TryGetValue(part, out int id) && IsText(id);
    }

    private bool IsText(int id) => types[id] == PieceType.Normal;

    private ModelFormatException Fault(int rank, string value, string limit) => new(path, -1, Invariant($"model.merges[{rank}]"), value, limit);

    private static Dictionary<string, int> Index(string[] pieces)
    {
        var ids = new Dictionary<string, int>(pieces.Length, StringComparer.Ordinal);
        for (int id = 0; id < pieces.Length; id++)
            ids.TryAdd(pieces[id], id);
        return ids;
    }

    private static int[] Filled(int length)
    {
        int[] values = new int[length];
        Array.Fill(values, -1);
        return values;
    }
}
