using System.Numerics.Tensors;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Subtracts the rows of all tokens.</summary>
internal static class DifferenceOperation
{
    /// <summary>Computes <c>left − right</c>, and writes it to <paramref name="right"/>.</summary>
    public static void Run(WorkerPool pool, Matrix left, Matrix right, int tokenCount) => pool.Run(new SubtractTokens(left, right), tokenCount);

    /// <summary>Writes the values to the output, or adds them, and then changes their signs.</summary>
    public static void AddAndNegate(WorkerPool pool, Matrix values, Matrix output, int tokenCount, bool accumulate) => pool.Run(new NegateTokens(values, output, accumulate), tokenCount);

    private readonly record struct SubtractTokens(Matrix Left, Matrix Right) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                TensorPrimitives.Subtract(Left[token], Right[token], Right[token]);
            }
        }
    }

    private readonly record struct NegateTokens(Matrix Values, Matrix Output, bool Accumulate) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                if (Accumulate)
                {
                    TensorPrimitives.Add(Output[token], Values[token], Output[token]);
                }
                else
                {
                    Values[token].CopyTo(Output[token]);
                }

                TensorPrimitives.Negate(Values[token], Values[token]);
            }
        }
    }
}
