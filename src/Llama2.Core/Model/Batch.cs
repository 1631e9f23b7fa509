namespace Llama2.Model;

/// <summary>
/// The tokens that one forward pass computes. They belong to one sequence or to many, and each has a position in the cache of its sequence. The object is
/// reused from
/// pass to pass. The tokens of one sequence are added in the order of their positions.
/// </summary>
internal sealed class Batch(int capacity)
{
    private readonly Entry[] _entries = new Entry[capacity];
    private readonly int[] _logitsTokens = new int[capacity];
    private readonly int[] _hiddenStateTokens = new int[capacity];
    private readonly int[] _runStarts = new int[capacity + 1];

    /// <summary>The maximum number of tokens.</summary>
    public int Capacity => _entries.Length;

    /// <summary>The number of tokens in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, Count);

    /// <summary>The indexes of the tokens whose logits are needed, ascending; row i of the logits belongs to the i-th index.</summary>
    public ReadOnlyMemory<int> LogitsTokens => _logitsTokens.AsMemory(0, LogitsCount);

    /// <summary>The number of tokens whose logits are needed.</summary>
    public int LogitsCount { get; private set; }

    /// <summary>The indexes of the tokens whose hidden states are needed, ascending; row i of the hidden states belongs to the i-th index.</summary>
    public ReadOnlyMemory<int> HiddenStateTokens => _hiddenStateTokens.AsMemory(0, HiddenStateCount);

    /// <summary>The number of tokens whose hidden states are needed.</summary>
    public int HiddenStateCount { get; private set; }

    /// <summary>The number of runs that <see cref="FindRuns"/> found; all tokens of a run belong to the same sequence.</summary>
    public int RunCount { get; private set; }

    /// <summary>The tokens of a run.</summary>
    public Range RunAt(int run) => _runStarts[run].._runStarts[run + 1];

    /// <summary>Splits the batch into runs of at most <paramref name="maxLength"/> tokens. Each run belongs to one sequence.</summary>
    public void FindRuns(int maxLength)
    {
        RunCount = 0;
        for (int token = 0; token < Count; token++)
        {
            if (token == 0 || _entries[token].Cache != _entries[token - 1].Cache || token - _runStarts[RunCount - 1] == maxLength)
            {
                _runStarts[RunCount++] = token;
            }
        }

        _runStarts[RunCount] = Count;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        RunCount = 0;
        Array.Clear(_entries, 0, Count);
        Count = 0;
        LogitsCount = 0;
        HiddenStateCount = 0;
    }

    /// <summary>Adds a token; returns the row of its logits, or -1 if they are not needed.</summary>
    public int Add(int token, int position, KeyValueCache cache, bool wantsLogits, bool wantsHiddenState = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, cache.Capacity);
        _entries[Count] = new Entry(token, position, cache);
        if (wantsHiddenState)
        {
            _hiddenStateTokens[HiddenStateCount++] = Count;
        }

        if (!wantsLogits)
        {
            Count++;
            return -1;
        }

        _logitsTokens[LogitsCount] = Count++;
        return LogitsCount++;
    }

    /// <summary>A token, its position in its sequence, and the sequence's cache.</summary>
    public readonly record struct Entry(int Token, int Position, KeyValueCache Cache);
}
