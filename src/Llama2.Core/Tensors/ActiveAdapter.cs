namespace Llama2.Tensors;

/// <summary>An adapter, and the rows of the batch to which it applies.</summary>
internal sealed class ActiveAdapter
{
    /// <summary>The adapter. Objects of this class are reused for other adapters.</summary>
    public AdapterWeights? Weights { get; set; }

    /// <summary>The rows, in ascending order.</summary>
    public List<AdaptedRun> Runs { get; } = [];

    /// <summary>Adds a row at the end.</summary>
    public void Add(int row, float scale)
    {
        if (Runs.Count > 0 && Runs[^1].End == row && Runs[^1].Scale == scale)
        {
            Runs[^1] = Runs[^1] with { End = row + 1 };
        }
        else
        {
            Runs.Add(new(row, row + 1, scale));
        }
    }
}
