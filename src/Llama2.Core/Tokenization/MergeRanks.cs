namespace Llama2.Tokenization;

/// <summary>
/// The order of merges by the pairs that merge, as Hugging Face's tokenizers have it, where scores of pieces cannot express it. Immutable.
/// </summary>
internal sealed class MergeRanks
{
    private readonly int[] _pairs;
    private readonly Dictionary<ulong, uint> _ranks;

    /// <param name="pairs">For each merge, the first before all others, the ids of its left and its right piece.</param>
    public MergeRanks(int[] pairs)
    {
        _pairs = pairs;
        _ranks = new Dictionary<ulong, uint>(pairs.Length / 2);
        for (int i = 0; i + 1 < pairs.Length; i += 2)
            _ranks.TryAdd(Key(pairs[i], pairs[i + 1]), (uint)i / 2);
    }

    /// <summary>The ids that this was made of.</summary>
    public ReadOnlySpan<int> Pairs => _pairs;

    /// <summary>The place of a pair in the order; false where the two do not merge.</summary>
    public bool TryFind(int left, int right, out uint rank) => _ranks.TryGetValue(Key(left, right), out rank);

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
