using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// Memory that all adapters share: for each input width, a matrix for the input after dropout and a matrix for its gradient; and the gradients of the
/// activations between A and B.
/// </summary>
internal sealed class LoraWorkspace(int tokenCapacity) : IDisposable
{
    private readonly Dictionary<int, Matrix> _inputs = [], _reduced = [];

    public int TokenCapacity => tokenCapacity;

    /// <summary>[tokens, width]: the input of an adapter after dropout, or its gradient.</summary>
    public Matrix InputOf(int width) => Find(_inputs, width);

    /// <summary>[tokens, rank]: what is between A and B, or its gradient.</summary>
    public Matrix ReducedOf(int rank) => Find(_reduced, rank);

    public void Dispose()
    {
        foreach (Matrix matrix in _inputs.Values.Concat(_reduced.Values))
        {
            matrix.Dispose();
        }
    }

    private Matrix Find(Dictionary<int, Matrix> matrices, int width)
    {
        if (!matrices.TryGetValue(width, out Matrix? matrix))
        {
            matrices.Add(width, matrix = new(tokenCapacity, width));
        }

        return matrix;
    }
}
