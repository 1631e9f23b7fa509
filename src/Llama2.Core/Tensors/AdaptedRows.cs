using Llama2.Threading;

namespace Llama2.Tensors;

/// <summary>
/// Knows which adapters apply to which rows of a batch, and has the buffers for the intermediate forms of the changes, such as the products with the first of two factors. Rows of a
/// batch may have different adapters, or none. Each adapter's weights are read once for all rows to which it applies, and the result of a row does
/// not depend on the other rows. Used by the computing thread only.
/// </summary>
/// <param name="capacity">The maximum number of rows of a batch.</param>
internal sealed class AdaptedRows(int capacity) : IDisposable
{
    private readonly List<ActiveAdapter> _active = [];
    private readonly Stack<ActiveAdapter> _spare = new();
    private readonly List<ChangeProduct> _products = [];
    private readonly Dictionary<(int Product, int Width), Activations> _reduced = [], _own = [];

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        _products.Clear();
        foreach (ActiveAdapter adapter in _active)
        {
            adapter.Weights = null;
            adapter.Runs.Clear();
            _spare.Push(adapter);
        }

        _active.Clear();
    }

    /// <summary>Sets the adapters of a row. Called for rows in ascending order.</summary>
    public void Add(int row, AdapterSet adapters)
    {
        foreach (AdapterUse use in adapters.Uses)
        {
            Activate(use.Weights).Add(row, use.Scale);
        }
    }

    /// <summary>Clears the results of <see cref="Find"/>.</summary>
    public void BeginProducts() => _products.Clear();

    /// <summary>Finds the changes that the adapters add to a product. Called for each product with the same input, before <see cref="Reduce"/>.</summary>
    public void Find(WeightMatrix weights)
    {
        foreach (ActiveAdapter adapter in _active)
        {
            if (adapter.Weights!.Find(weights) is { } change)
            {
                int index = _products.Count;
                _products.Add(new(weights, change, adapter.Runs, Reduced(index, change.InnerLength), change.ReadsProduct ? Buffer(_own, index, weights.RowCount) : null));
            }
        }
    }

    /// <summary>Whether <see cref="Find"/> found any change.</summary>
    public bool HasProducts => _products.Count > 0;

    /// <summary>Computes the intermediate forms of the input for all changes that <see cref="Find"/> found.</summary>
    public void Reduce(WorkerPool pool, Activations input)
    {
        int panelCount = 0;
        foreach (ChangeProduct product in _products)
        {
            panelCount += product.Change.InnerPanelCount;
        }

        pool.Run(new ReducePanels(_products, input), panelCount);
    }

    /// <summary>Keeps panels of an output to which a product will be added, if a change needs the product alone, without the previous output.</summary>
    public void KeepOutput(WeightMatrix weights, int startPanel, int endPanel, Activations output)
    {
        foreach (ChangeProduct product in _products)
        {
            if (product.Weights == weights)
            {
                product.KeepOutput(startPanel, endPanel, output);
            }
        }
    }

    /// <summary>Adds the adapters' changes to panels of a product's output.</summary>
    /// <param name="weights">The matrix of the product.</param>
    /// <param name="startPanel">The first panel.</param>
    /// <param name="endPanel">The last panel's index plus one.</param>
    /// <param name="output">The output.</param>
    /// <param name="accumulate">Whether the product was added to the output.</param>
    public void Expand(WeightMatrix weights, int startPanel, int endPanel, Activations output, bool accumulate)
    {
        foreach (ChangeProduct product in _products)
        {
            if (product.Weights == weights)
            {
                product.TakeProduct(startPanel, endPanel, output, accumulate);
            }
        }

        foreach (ChangeProduct product in _products)
        {
            if (product.Weights == weights)
            {
                foreach (AdaptedRun run in product.Runs)
                {
                    product.Change.Expand(startPanel, endPanel, product.Reduced, run, output, product.Product);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (Activations buffer in _reduced.Values.Concat(_own.Values))
        {
            buffer.Dispose();
        }
    }

    // The list is kept in the order of the adapters, not of the rows, so that changes are added in the same order in all batches.
    private ActiveAdapter Activate(AdapterWeights weights)
    {
        int index = 0;
        while (index < _active.Count && _active[index].Weights!.CompareTo(weights) < 0)
        {
            index++;
        }

        if (index == _active.Count || _active[index].Weights != weights)
        {
            ActiveAdapter adapter = _spare.TryPop(out ActiveAdapter? spare) ? spare : new ActiveAdapter();
            adapter.Weights = weights;
            _active.Insert(index, adapter);
        }

        return _active[index];
    }

    private Activations Reduced(int product, int innerLength)
    {
        Activations reduced = Buffer(_reduced, product, innerLength);
        // The tiled form is allocated here, because otherwise each of the threads that fill it would allocate one.
        _ = reduced.Tiled;
        return reduced;
    }

    // Returns a buffer, which is allocated when an adapter first needs it, and kept for later batches.
    private Activations Buffer(Dictionary<(int Product, int Width), Activations> buffers, int product, int width)
    {
        if (!buffers.TryGetValue((product, width), out Activations? buffer))
        {
            buffers.Add((product, width), buffer = new Activations(capacity, width));
        }

        return buffer;
    }

    private readonly record struct ReducePanels(List<ChangeProduct> Products, Activations Input) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int offset = 0;
            foreach (ChangeProduct product in Products)
            {
                int panelCount = product.Change.InnerPanelCount, last = Math.Min(panelCount, end - offset);
                for (int panel = Math.Max(0, start - offset); panel < last; panel++)
                {
                    foreach (AdaptedRun run in product.Runs)
                    {
                        product.Change.Reduce(panel, panel + 1, Input, run, product.Reduced);
                    }
                }

                offset += panelCount;
            }
        }
    }
}
