using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Buffers for the gradients of a block's activations. Each matrix has the shape [tokens, width]. All blocks use the same buffers.</summary>
internal sealed class BlockGradients : IDisposable
{
    public BlockGradients(ModelConfiguration shape, int tokenCapacity)
    {
        int width = shape.EmbeddingLength, keyValue = shape.KeyValueLength, hidden = shape.FeedForwardLength;
        (Normalized, Query, Attended) = (new(tokenCapacity, width), new(tokenCapacity, width), new(tokenCapacity, width));
        (Key, Value) = (new(tokenCapacity, keyValue), new(tokenCapacity, keyValue));
        (Gate, Up, Hidden) = (new(tokenCapacity, hidden), new(tokenCapacity, hidden), new(tokenCapacity, hidden));
    }

    /// <summary>The gradient of the output of a norm; used for both norms of a block.</summary>
    public Matrix Normalized { get; }

    public Matrix Query { get; }

    public Matrix Key { get; }

    public Matrix Value { get; }

    public Matrix Attended { get; }

    public Matrix Gate { get; }

    public Matrix Up { get; }

    public Matrix Hidden { get; }

    /// <summary>The size of the gradients in bytes.</summary>
    public static long ByteSizeFor(ModelConfiguration shape, int tokenCapacity)
        => 3 * Matrix.ByteSizeFor(tokenCapacity, shape.EmbeddingLength) + 2 * Matrix.ByteSizeFor(tokenCapacity, shape.KeyValueLength)
            + 3 * Matrix.ByteSizeFor(tokenCapacity, shape.FeedForwardLength);

    public void Dispose()
    {
        foreach (Matrix matrix in (Matrix[])[Normalized, Query, Key, Value, Attended, Gate, Up, Hidden])
        {
            matrix.Dispose();
        }
    }
}
