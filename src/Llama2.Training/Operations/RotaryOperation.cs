using Llama2.Kernels;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>
/// Applies rotary position embedding to queries and keys, in place, and computes its gradient. The gradient is rotated back by the same angle and
/// scaled by the same factor.
/// </summary>
internal sealed class RotaryOperation : IDisposable
{
    private readonly RotaryEmbedding _rotary;
    private readonly Matrix _rotations;
    private readonly Matrix _transposed;

    /// <param name="rotary">The rotary embedding, which has the frequencies.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a batch.</param>
    public RotaryOperation(RotaryEmbedding rotary, int tokenCapacity)
    {
        _rotary = rotary;
        _rotations = new(tokenCapacity, rotary.RotationLength);
        _transposed = new(tokenCapacity, rotary.RotationLength);
    }

    /// <summary>The size of the rotations in bytes.</summary>
    public static long ByteSizeFor(int headLength, int tokenCapacity) => 2 * Matrix.ByteSizeFor(tokenCapacity, 2L * headLength);

    /// <summary>Computes the rotations of a batch's positions.</summary>
    public void Prepare(WorkerPool pool, int[] positions, int tokenCount) => pool.Run(new PrepareTokens(this, positions), tokenCount);

    /// <summary>Rotates the heads of each token.</summary>
    public void Forward(WorkerPool pool, Matrix queries, Matrix keys, int tokenCount) => pool.Run(new RotateTokens(this, _rotations, queries, keys), tokenCount);

    /// <summary>Rotates the gradients of each token's heads back.</summary>
    public void Backward(WorkerPool pool, Matrix queryGradients, Matrix keyGradients, int tokenCount)
        => pool.Run(new RotateTokens(this, _transposed, queryGradients, keyGradients), tokenCount);

    public void Dispose()
    {
        _rotations.Dispose();
        _transposed.Dispose();
    }

    private readonly record struct PrepareTokens(RotaryOperation Operation, int[] Positions) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int length = Operation._rotary.HeadLength;
            for (int token = start; token < end; token++)
            {
                Span<float> rotation = Operation._rotations[token], transposed = Operation._transposed[token];
                Operation._rotary.Prepare(Positions[token], rotation);
                rotation[..length].CopyTo(transposed);
                for (int i = length; i < 2 * length; i++)
                {
                    transposed[i] = -rotation[i];
                }
            }
        }
    }

    private readonly record struct RotateTokens(RotaryOperation Operation, Matrix Rotations, Matrix Queries, Matrix Keys) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Operation._rotary.Rotate(Queries[token], Rotations[token]);
                Operation._rotary.Rotate(Keys[token], Rotations[token]);
            }
        }
    }
}
