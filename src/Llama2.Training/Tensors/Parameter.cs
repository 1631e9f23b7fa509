namespace Llama2.Training.Tensors;

/// <summary>A matrix that training changes, with its gradient.</summary>
internal sealed class Parameter : IDisposable
{
    private Matrix? _original;

    /// <param name="name">The tensor's name, as in GGUF files.</param>
    /// <param name="rowCount">The number of rows; 1 for a vector.</param>
    /// <param name="columnCount">The number of columns.</param>
    public Parameter(string name, int rowCount, int columnCount)
    {
        Name = name;
        Values = new(rowCount, columnCount);
        Gradient = new(rowCount, columnCount);
    }

    /// <summary>The tensor's name, as in GGUF files.</summary>
    public string Name { get; }

    public Matrix Values { get; private set; }

    /// <summary>The gradient. Each backward pass adds to it, and the optimizer clears it.</summary>
    public Matrix Gradient { get; }

    /// <summary>The factor by which the learning rate of this parameter differs from that of the step; 1 by default.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>Whether this is a factor of an adapter, or rows of a matrix, which is a matrix even if it has only one row.</summary>
    public bool IsFactor { get; init; }

    /// <summary>The rows of the model's tensor that the rows of this parameter replace, in the same order; null if this is not such a parameter.</summary>
    public IReadOnlyList<int>? ReplacedRows { get; init; }

    /// <summary>Whether weight decay applies. It applies to matrices, but not to the weights of norms.</summary>
    public bool Decays => IsFactor || Values.RowCount > 1;

    /// <summary>Keeps a copy of the values for <see cref="ExchangeOriginal"/>.</summary>
    public void KeepOriginal()
    {
        _original = new(Values.RowCount, Values.ColumnCount);
        for (int row = 0; row < Values.RowCount; row++)
        {
            Values[row].CopyTo(_original[row]);
        }
    }

    /// <summary>Exchanges the values with the copy that was kept, if one was. A second call restores the values.</summary>
    public void ExchangeOriginal()
    {
        if (_original is { } original)
        {
            (Values, _original) = (original, Values);
        }
    }

    public void Dispose()
    {
        _original?.Dispose();
        Values.Dispose();
        Gradient.Dispose();
    }
}
