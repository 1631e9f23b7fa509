using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The activations of a block's forward pass that the block's backward pass needs. Each matrix has the shape [tokens, width].</summary>
internal sealed class BlockActivations : IDisposable
{
    public BlockActivations(ModelConfiguration shape, int tokenCapacity)
    {
        int width = shape.EmbeddingLength, keyValue = shape.KeyValueLength, hidden = shape.FeedForwardLength;
        (AttentionInput, Query, Attended) = (new(tokenCapacity, width), new(tokenCapacity, width), new(tokenCapacity, width));
        (Key, Value) = (new(tokenCapacity, keyValue), new(tokenCapacity, keyValue));
        LogSums = new(tokenCapacity, shape.HeadCount);
        (Residual, FeedForwardInput) = (new(tokenCapacity, width), new(tokenCapacity, width));
        (Gate, Up, Hidden) = (new(tokenCapacity, hidden), new(tokenCapacity, hidden), new(tokenCapacity, hidden));
    }

    /// <summary>The block's input after its first norm.</summary>
    public Matrix AttentionInput { get; }

    /// <summary>The rotated queries.</summary>
    public Matrix Query { get; }

    /// <summary>The rotated keys.</summary>
    public Matrix Key { get; }

    public Matrix Value { get; }

    public Matrix Attended { get; }

    public Matrix LogSums { get; }

    /// <summary>The residual stream between attention and feed-forward network.</summary>
    public Matrix Residual { get; }

    /// <summary>The residual stream after the second norm.</summary>
    public Matrix FeedForwardInput { get; }

    public Matrix Gate { get; }

    public Matrix Up { get; }

    public Matrix Hidden { get; }

    /// <summary>The size of one block's activations in bytes.</summary>
    public static long ByteSizeFor(ModelConfiguration shape, int tokenCapacity)
        => 5 * Matrix.ByteSizeFor(tokenCapacity, shape.EmbeddingLength) + 2 * Matrix.ByteSizeFor(tokenCapacity, shape.KeyValueLength)
            + 3 * Matrix.ByteSizeFor(tokenCapacity, shape.FeedForwardLength) + Matrix.ByteSizeFor(tokenCapacity, shape.HeadCount);

    public void Dispose()
    {
        foreach (Matrix matrix in (Matrix[])[AttentionInput, Query, Key, Value, Attended, LogSums, Residual, FeedForwardInput, Gate, Up, Hidden])
        {
            matrix.Dispose();
        }
    }
}
