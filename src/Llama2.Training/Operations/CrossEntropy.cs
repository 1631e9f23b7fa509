using System.Numerics.Tensors;
using Llama2.Kernels;
using Llama2.Threading;
using Llama2.Training.Kernels;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>
/// Computes the log-probability of each row's target token, by a softmax of the row's logits, and the gradient of a weighted sum of these
/// log-probabilities.
/// </summary>
internal static class CrossEntropy
{
    /// <summary>Computes the log-probabilities of the targets. The logits are overwritten with their exponentials.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="logits">[rows, vocabulary]; they are overwritten.</param>
    /// <param name="targets">The target token of each row.</param>
    /// <param name="logProbabilities">Receives one log-probability for each row.</param>
    /// <param name="areMostProbable">Receives for each row whether its target is the most probable token.</param>
    /// <param name="rowCount">The number of rows.</param>
    public static void Forward(WorkerPool pool, Matrix logits, int[] targets, float[] logProbabilities, bool[] areMostProbable, int rowCount)
        => pool.Run(new Rows(logits, targets, logProbabilities, areMostProbable, null), rowCount);

    /// <summary>
    /// Does the same as <see cref="Forward"/>, and then replaces the logits by the gradient of <c>−Σ weights[row] · logProbabilities[row]</c>:
    /// <c>weight · softmax</c>, minus <c>weight</c> at the target.
    /// </summary>
    public static void ForwardBackward(WorkerPool pool, Matrix logits, int[] targets, float[] weights, float[] logProbabilities, int rowCount)
        => pool.Run(new Rows(logits, targets, logProbabilities, null, weights), rowCount);

    private readonly record struct Rows(Matrix Logits, int[] Targets, float[] LogProbabilities, bool[]? AreMostProbable, float[]? Weights) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int row = start; row < end; row++)
            {
                Span<float> logits = Logits[row];
                int target = Targets[row];
                float largest = TensorPrimitives.Max<float>(logits);
                TensorPrimitives.Subtract(logits, largest, logits);
                float chosen = logits[target];
                if (AreMostProbable is not null)
                {
                    AreMostProbable[row] = chosen == 0;
                }

                Exponential.Apply(logits);
                float sum = LaneSums.Sum(logits);
                LogProbabilities[row] = chosen - MathF.Log(sum);
                if (Weights is not null)
                {
                    TensorPrimitives.Multiply(logits, Weights[row] / sum, logits);
                    logits[target] -= Weights[row];
                }
            }
        }
    }
}
