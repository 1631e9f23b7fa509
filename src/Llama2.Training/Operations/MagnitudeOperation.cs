using System.Numerics.Tensors;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Multiplies the columns of activations by numbers, of which each column has its own, and sums the columns of products for the gradients of such numbers.</summary>
internal static class MagnitudeOperation
{
    private const int BlockLength = 256;

    /// <summary>Multiplies each token's row by the factors, element by element, and writes the result or adds it to the output.</summary>
    public static void Run(WorkerPool pool, Matrix input, Matrix factors, Matrix output, int tokenCount, bool accumulate = false)
        => pool.Run(new MultiplyTokens(input, factors, output, accumulate), tokenCount);

    /// <summary>Adds <c>factor · Σ left · right</c>, a sum over the tokens, to each element of a gradient.</summary>
    public static void AddGradient(WorkerPool pool, Matrix left, Matrix right, Matrix factors, Matrix gradient, int tokenCount)
        => pool.Run(new SumColumns(left, right, factors, gradient, tokenCount), (gradient.ColumnCount + BlockLength - 1) / BlockLength);

    private readonly record struct MultiplyTokens(Matrix Input, Matrix Factors, Matrix Output, bool Accumulate) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                if (Accumulate)
                {
                    TensorPrimitives.FusedMultiplyAdd(Input[token], Factors[0], Output[token], Output[token]);
                }
                else
                {
                    TensorPrimitives.Multiply(Input[token], Factors[0], Output[token]);
                }
            }
        }
    }

    // The sum of a column is always added in the order of the tokens, so its bits do not depend on the threads.
    private readonly record struct SumColumns(Matrix Left, Matrix Right, Matrix Factors, Matrix Gradient, int TokenCount) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            Span<float> buffer = stackalloc float[BlockLength];
            for (int block = start; block < end; block++)
            {
                int first = block * BlockLength, length = Math.Min(BlockLength, Gradient.ColumnCount - first);
                Span<float> sums = buffer[..length], gradient = Gradient[0].Slice(first, length);
                sums.Clear();
                for (int token = 0; token < TokenCount; token++)
                {
                    TensorPrimitives.FusedMultiplyAdd(Left[token].Slice(first, length), Right[token].Slice(first, length), sums, sums);
                }

                TensorPrimitives.FusedMultiplyAdd(sums, Factors[0].Slice(first, length), gradient, gradient);
            }
        }
    }
}
