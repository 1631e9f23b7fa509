using Llama2.Tensors;

namespace Llama2.Training.Tensors;

/// <summary>
/// A matrix of packed weights in any format, which training does not change. The weights are decoded panel by panel whenever a product needs them.
/// </summary>
internal sealed class FrozenMatrix(WeightMatrix weights)
{
    /// <summary>[rows, columns]</summary>
    public WeightMatrix Weights => weights;

    public int RowCount => weights.RowCount;

    public int ColumnCount => weights.ColumnCount;

    /// <summary>This matrix as a factor of a product: its vectors are the rows.</summary>
    public Factor Rows { get; } = new FrozenRowsFactor(weights);

    /// <summary>This matrix as a factor of a product: its vectors are the columns.</summary>
    public Factor Columns { get; } = new FrozenColumnsFactor(weights);
}
