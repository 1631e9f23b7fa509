namespace Llama2.ServerLoad;

/// <summary>What the clients of a <see cref="Soak"/> saw.</summary>
internal sealed class SoakResult
{
    private int _whole, _different, _left, _cancelled, _refused;
    private readonly Lock _gate = new();
    private readonly List<string> _faults = [];

    /// <summary>Whole answers that are the same as when the server has only one client.</summary>
    public int WholeCount => _whole;

    /// <summary>Whole answers that differ.</summary>
    public int DifferentCount => _different;

    /// <summary>Clients that disconnected during an answer.</summary>
    public int LeftCount => _left;

    /// <summary>Requests that were cancelled before an answer began.</summary>
    public int CancelledCount => _cancelled;

    /// <summary>Bad bodies that were refused with 400.</summary>
    public int RefusedCount => _refused;

    /// <summary>What should not have happened; at most 20 of each run.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
                return [.. _faults];
        }
    }

    /// <summary>The calls that were not ended after all clients had gone.</summary>
    public int StuckCount { get; set; }

    public void AddWhole(bool isSame) => Interlocked.Increment(ref (isSame ? ref _whole : ref _different));

    public void AddLeft() => Interlocked.Increment(ref _left);

    public void AddCancelled() => Interlocked.Increment(ref _cancelled);

    public void AddRefused() => Interlocked.Increment(ref _refused);

    public void AddFault(string fault)
    {
        lock (_gate)
        {
            if (_faults.Count < 20)
                _faults.Add(fault);
        }
    }

    public override string ToString() =>
        $"{WholeCount:N0} whole answers as alone, {DifferentCount} different, {LeftCount:N0} disconnects, {CancelledCount:N0} cancelled, "
        + $"{RefusedCount:N0} bad bodies refused, {StuckCount} calls stuck, {Faults.Count} faults";
}
