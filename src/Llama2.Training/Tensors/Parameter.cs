namespace Llama2.Training.Tensors;

/// <summary>A matrix that training changes, with its gradient.</summary>
internal sealed class Parameter : IDisposable
{
    /// <param name="name">The tensor's name, as GGUF files have it.</param>
    /// <param name="rowCount">Rows; 1 for a vector.</param>
    /// <param name="columnCount">Columns.</param>
    public Parameter(string name, int rowCount, int columnCount)
    {
        Name = name;
        Values = new(rowCount, columnCount);
        Gradient = new(rowCount, columnCount);
    }

    /// <summary>The tensor's name, as GGUF files have it.</summary>
    public string Name { get; }

    public Matrix Values { get; }

    /// <summary>Added to by each backward pass; cleared by whoever applies it.</summary>
    public Matrix Gradient { get; }

    /// <summary>Whether weight decay applies: to matrices, not to the weights of norms.</summary>
    public bool Decays => Values.RowCount > 1;

    public void Dispose()
    {
        Values.Dispose();
        Gradient.Dispose();
    }
}
