using Llama2.Kernels;
using Llama2.Threading;
using Llama2.Training.Kernels;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Computes the gated activation of the feed-forward network, and its gradient.</summary>
internal static class SwiGluOperation
{
    /// <summary><c>output = silu(gate) · up</c> for each token.</summary>
    public static void Forward(WorkerPool pool, Matrix gate, Matrix up, Matrix output, int tokenCount)
        => pool.Run(new ForwardTokens(gate, up, output), tokenCount);

    /// <summary>Writes the gradients of gate and up.</summary>
    public static void Backward(WorkerPool pool, Matrix gate, Matrix up, Matrix outputGradient, Matrix gateGradient, Matrix upGradient, int tokenCount)
        => pool.Run(new BackwardTokens(gate, up, outputGradient, gateGradient, upGradient), tokenCount);

    private readonly record struct ForwardTokens(Matrix Gate, Matrix Up, Matrix Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                SwiGlu.Apply(Gate[token], Up[token], Output[token]);
            }
        }
    }

    private readonly record struct BackwardTokens(Matrix Gate, Matrix Up, Matrix OutputGradient, Matrix GateGradient, Matrix UpGradient) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                SwiGluGradient.Apply(OutputGradient[token], Gate[token], Up[token], GateGradient[token], UpGradient[token]);
            }
        }
    }
}
