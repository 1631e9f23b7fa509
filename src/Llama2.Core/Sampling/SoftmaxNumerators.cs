using System.Numerics.Tensors;

namespace Llama2.Sampling;

/// <summary>Computes the exponentials that softmax divides by their sum.</summary>
internal static class SoftmaxNumerators
{
    /// <summary>Writes exp(logit - highest) for each logit. The highest logit is subtracted because exp(89) already overflows.</summary>
    /// <param name="logits">The logits. Each is finite or negative infinity; the exponential of negative infinity is 0.</param>
    /// <param name="highest">The highest of the logits.</param>
    /// <param name="numerators">Receives as many numbers as there are logits.</param>
    /// <returns>The sum by which softmax divides.</returns>
    public static double Compute(ReadOnlySpan<float> logits, float highest, Span<float> numerators)
    {
        // The code is a plain loop, because compiling TensorPrimitives.Subtract takes the JIT about 5 ms, which would delay the first token.
        for (int i = 0; i < logits.Length; i++)
            numerators[i] = logits[i] - highest;
        TensorPrimitives.Exp<float>(numerators, numerators);
        double sum = 0;
        foreach (float numerator in numerators)
            sum += numerator;
        return sum;
    }
}
