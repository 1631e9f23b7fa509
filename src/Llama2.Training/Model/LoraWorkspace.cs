using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Memory that all adapters share: what dropout leaves of an input, and its gradient, one matrix for each width; gradients of the rank's activations.</summary>
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
