using System.Numerics.Tensors;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Multiplies the rows of all tokens by a number.</summary>
internal static class ScaleOperation
{
    public static void Run(WorkerPool pool, Matrix values, float scale, int tokenCount) => pool.Run(new ScaleTokens(values, scale), tokenCount);

    private readonly record struct ScaleTokens(Matrix Values, float Scale) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                TensorPrimitives.Multiply(Values[token], Scale, Values[token]);
            }
        }
    }
}
