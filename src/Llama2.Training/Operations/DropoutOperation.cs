using Llama2.Sampling;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>
/// Dropout (Srivastava et al. 2014): elements become 0 with a given probability, and the others are multiplied by 1 / (1 − probability). The mask
/// depends only on a seed and the token's row, so that it can be computed again for the gradient, on any number of threads.
/// </summary>
internal static class DropoutOperation
{
    /// <summary>Writes the input with the mask applied.</summary>
    public static void Forward(WorkerPool pool, Matrix input, float probability, ulong seed, Matrix output, int tokenCount)
        => pool.Run(new MaskTokens(input, probability, seed, output, Add: false), tokenCount);

    /// <summary>Applies the same mask to the gradient of the output, and adds the result to the gradient of the input.</summary>
    public static void Backward(WorkerPool pool, Matrix outputGradient, float probability, ulong seed, Matrix inputGradient, int tokenCount)
        => pool.Run(new MaskTokens(outputGradient, probability, seed, inputGradient, Add: true), tokenCount);

    private readonly record struct MaskTokens(Matrix Input, float Probability, ulong Seed, Matrix Output, bool Add) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            // 16 random bits decide whether an element becomes 0, so one draw of 64 bits serves four elements.
            uint dropped = (uint)MathF.Round(Probability * 65536);
            float scale = 65536f / (65536 - dropped);
            for (int token = start; token < end; token++)
            {
                var random = new RandomSource(Seed + (ulong)token);
                ReadOnlySpan<float> input = Input[token];
                Span<float> output = Output[token];
                ulong bits = 0;
                for (int i = 0; i < input.Length; i++)
                {
                    bits = i % 4 == 0 ? random.NextUInt64() : bits >> 16;
                    float kept = (bits & 0xFFFF) < dropped ? 0 : input[i] * scale;
                    output[i] = Add ? output[i] + kept : kept;
                }
            }
        }
    }
}
