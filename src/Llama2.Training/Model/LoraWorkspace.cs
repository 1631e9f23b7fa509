using Llama2.Tensors;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// Memory that all adapters share: for each width, matrices for inputs and outputs with which an adapter computes, and for their gradients; the gradients of the
/// activations between A and B; and the norms of rows.
/// </summary>
internal sealed class LoraWorkspace(int tokenCapacity) : IDisposable
{
    private readonly Dictionary<int, Matrix> _inputs = [], _inputGradients = [], _outputs = [], _reduced = [];
    private readonly Dictionary<string, Matrix> _directions = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AdaptedRowNorms> _norms = [];

    public int TokenCapacity => tokenCapacity;

    /// <summary>[tokens, width]: the input of an adapter after dropout, or its gradient.</summary>
    public Matrix InputOf(int width) => Find(_inputs, width, width);

    /// <summary>[tokens, width]: the gradient of the input of a layer with magnitudes after dropout.</summary>
    public Matrix InputGradientOf(int width) => Find(_inputGradients, width, width);

    /// <summary>[tokens, width]: the gradient of the output of an adapted layer before it is multiplied by the magnitudes.</summary>
    public Matrix OutputOf(int width) => Find(_outputs, width, width);

    /// <summary>[tokens, rank]: the activations between A and B, or their gradient.</summary>
    public Matrix ReducedOf(int rank) => Find(_reduced, rank, rank);

    /// <summary>[tokens, width]: the output of an adapted layer before it is multiplied by the magnitudes, which is kept for the backward pass.</summary>
    /// <param name="name">The layers that do not need it at the same time have the same name.</param>
    /// <param name="width">The layer's output length.</param>
    public Matrix DirectionsOf(string name, int width) => Find(_directions, name, width);

    /// <summary>The norms of the rows of a matrix.</summary>
    public AdaptedRowNorms NormsOf(int rowCount) => _norms.TryGetValue(rowCount, out AdaptedRowNorms? norms) ? norms : _norms[rowCount] = new AdaptedRowNorms(rowCount);

    public void Dispose()
    {
        foreach (Matrix matrix in (IEnumerable<Matrix>)[.. _inputs.Values, .. _inputGradients.Values, .. _outputs.Values, .. _reduced.Values, .. _directions.Values])
        {
            matrix.Dispose();
        }
    }

    private Matrix Find<TKey>(Dictionary<TKey, Matrix> matrices, TKey key, int width)
        where TKey : notnull
    {
        if (!matrices.TryGetValue(key, out Matrix? matrix))
        {
            matrices.Add(key, matrix = new(tokenCapacity, width));
        }

        return matrix;
    }
}
