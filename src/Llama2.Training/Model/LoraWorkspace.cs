using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// Memory that all adapters share: for each input width, a matrix for the input after dropout and a matrix for its gradient; and the gradients of the
/// activations between A and B.
/// </summary>
internal sealed class LoraWorkspace(int tokenCapacity, int rank) : IDisposable
{
    private readonly Dictionary<int, Matrix> _inputs = [];

    public int TokenCapacity => tokenCapacity;

    /// <summary>[tokens, rank]</summary>
    public Matrix DownGradient { get; } = new(tokenCapacity, rank);

    /// <summary>[tokens, width]</summary>
    public Matrix InputOf(int width)
    {
        if (!_inputs.TryGetValue(width, out Matrix? input))
        {
            _inputs.Add(width, input = new(tokenCapacity, width));
        }

        return input;
    }

    public void Dispose()
    {
        DownGradient.Dispose();
        foreach (Matrix input in _inputs.Values)
        {
            input.Dispose();
        }
    }
}
