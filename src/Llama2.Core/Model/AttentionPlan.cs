using Llama2.Kernels;

namespace Llama2.Model;

/// <summary>
/// Divides the attention of a pass among threads by its cost. An item is the attention of a run of tokens for one key and value head. Its cost grows with the
/// number of positions that the run attends to, so the sequences of a batch may differ a thousandfold. Each item gets as many consecutive units as it costs;
/// threads divide the units, and compute those items whose first unit they have. The items of the most expensive runs come first, so that the threads finish at
/// about the same time. Reused from pass to pass.
/// </summary>
/// <param name="capacity">The maximum number of tokens of a batch.</param>
internal sealed class AttentionPlan(int capacity)
{
    // The maximum sum of all units. If the sum would be larger, each unit represents a higher cost.
    private const int MaxUnitCount = 1 << 24;
    private readonly int[] _runs = new int[capacity];
    private readonly long[] _costs = new long[capacity];
    // The first unit of each run, in the order of _runs; then the number of all units.
    private readonly int[] _firstUnits = new int[capacity + 1];
    private int _runCount;
    private int _headCount;

    /// <summary>The number of units.</summary>
    public int UnitCount => _firstUnits[_runCount];

    /// <summary>The number of items.</summary>
    public int ItemCount => _runCount * _headCount;

    /// <summary>Plans the attention of a batch whose runs have been found.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="headCount">The number of key and value heads.</param>
    /// <param name="queryCount">The number of query heads that share a key and value head.</param>
    public void Plan(Batch batch, int headCount, int queryCount)
    {
        (_runCount, _headCount) = (batch.RunCount, headCount);
        long total = 0;
        for (int run = 0; run < _runCount; run++)
        {
            ReadOnlySpan<Batch.Entry> entries = batch.Entries[batch.RunAt(run)];
            long cost = Cost(entries.Length * queryCount, entries[^1].Position + 1);
            total += cost * headCount;
            (_runs[run], _costs[run]) = (run, -cost);
        }

        _costs.AsSpan(0, _runCount).Sort(_runs.AsSpan(0, _runCount));
        long worth = 1 + total / MaxUnitCount;
        for (int i = 0; i < _runCount; i++)
        {
            _firstUnits[i + 1] = _firstUnits[i] + headCount * (int)Math.Max(1, -_costs[i] / worth);
        }
    }

    /// <summary>The first item whose first unit is <paramref name="unit"/> or a later one; <see cref="ItemCount"/> if there is none.</summary>
    public int FirstItemFrom(int unit)
    {
        int found = _firstUnits.AsSpan(0, _runCount + 1).BinarySearch(unit);
        if (found >= 0)
        {
            return found * _headCount;
        }

        int i = ~found - 1;
        if (i == _runCount)
        {
            return ItemCount;
        }

        int unitsPerItem = (_firstUnits[i + 1] - _firstUnits[i]) / _headCount;
        return i * _headCount + (unit - _firstUnits[i] + unitsPerItem - 1) / unitsPerItem;
    }

    /// <summary>The run of an item, and its key and value head.</summary>
    public (int Run, int Head) this[int item]
    {
        get
        {
            (int i, int head) = Math.DivRem(item, _headCount);
            return (_runs[i], head);
        }
    }

    // Attention computes tiles of rows for one block of positions after the other.
    private static long Cost(int rowCount, int positionCount)
        => (rowCount + ActivationTile.Width - 1) / ActivationTile.Width * (long)KeyValueCache.PageCountFor(positionCount);
}
