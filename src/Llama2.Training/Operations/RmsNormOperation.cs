using System.Numerics.Tensors;
using Llama2.Threading;
using Llama2.Training.Kernels;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Root mean square normalization of each token, <c>y = x · s · w</c> with <c>s = 1 / √(mean(x²) + epsilon)</c>, and its gradient.</summary>
internal static class RmsNormOperation
{
    // A thread computes the weight's gradient for this number of columns at a time. For each column, it adds the contributions of all tokens.
    private const int ColumnBlock = 64;

    /// <summary><c>output = input · s · weight</c> for each token.</summary>
    public static void Forward(WorkerPool pool, Matrix input, Matrix weight, float epsilon, Matrix output, int tokenCount)
        => pool.Run(new ForwardTokens(input, weight, epsilon, output), tokenCount);

    /// <summary>Computes the gradient of the input, and of the weight if it is trained, and adds them to the given matrices.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="input">The input of <see cref="Forward"/>.</param>
    /// <param name="weight">A single row: the weight of the norm.</param>
    /// <param name="epsilon">As in <see cref="Forward"/>.</param>
    /// <param name="outputGradient">The gradient of the output of <see cref="Forward"/>.</param>
    /// <param name="inputGradient">The gradient of the input, to which the result is added.</param>
    /// <param name="weightGradient">One row, to which the gradient is added; null if the weight is frozen.</param>
    /// <param name="scales">A buffer with one float for each token.</param>
    /// <param name="tokenCount">The number of tokens.</param>
    public static void Backward(
        WorkerPool pool, Matrix input, Matrix weight, float epsilon, Matrix outputGradient, Matrix inputGradient, Matrix? weightGradient, float[] scales, int tokenCount)
    {
        pool.Run(new BackwardTokens(input, weight, epsilon, outputGradient, inputGradient, scales), tokenCount);
        if (weightGradient is not null)
        {
            pool.Run(new BackwardColumns(input, outputGradient, weightGradient, scales, tokenCount), (weight.ColumnCount + ColumnBlock - 1) / ColumnBlock);
        }
    }

    private static float ScaleOf(ReadOnlySpan<float> input, float epsilon) => 1 / MathF.Sqrt(LaneSums.SumOfSquares(input) / input.Length + epsilon);

    private readonly record struct ForwardTokens(Matrix Input, Matrix Weight, float Epsilon, Matrix Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                ReadOnlySpan<float> x = Input[token];
                Span<float> y = Output[token];
                TensorPrimitives.Multiply(x, ScaleOf(x, Epsilon), y);
                TensorPrimitives.Multiply(y, Weight[0], y);
            }
        }
    }

    // The gradient of the input is dx = s · g − x · s³ · mean(g · x), where g = dy · w.
    private readonly record struct BackwardTokens(
        Matrix Input, Matrix Weight, float Epsilon, Matrix OutputGradient, Matrix InputGradient, float[] Scales) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                ReadOnlySpan<float> x = Input[token], dy = OutputGradient[token], w = Weight[0];
                Span<float> dx = InputGradient[token];
                float scale = ScaleOf(x, Epsilon), dot = LaneSums.Dot(dy, w, x);
                Scales[token] = scale;
                NormGradient.Add(dy, w, x, scale, -scale * scale * scale * dot / x.Length, dx);
            }
        }
    }

    private readonly record struct BackwardColumns(Matrix Input, Matrix OutputGradient, Matrix WeightGradient, float[] Scales, int TokenCount) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int block = start; block < end; block++)
            {
                int column = block * ColumnBlock, count = Math.Min(ColumnBlock, Input.ColumnCount - column);
                Span<float> gradient = WeightGradient[0].Slice(column, count);
                for (int token = 0; token < TokenCount; token++)
                {
                    NormGradient.AddScaledProduct(Input[token].Slice(column, count), OutputGradient[token].Slice(column, count), Scales[token], gradient);
                }
            }
        }
    }
}
