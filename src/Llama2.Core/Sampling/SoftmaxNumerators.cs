using System.Numerics.Tensors;

namespace Llama2.Sampling;

/// <summary>What softmax divides by its sum.</summary>
internal static class SoftmaxNumerators
{
    /// <summary>Writes exp(logit - highest) of each logit; the highest is subtracted since exp of a logit of 89 overflows.</summary>
    /// <param name="logits">Finite, or negative infinity, which becomes 0.</param>
    /// <param name="highest">The highest of them.</param>
    /// <param name="numerators">As many as logits.</param>
    /// <returns>The sum, which softmax divides by.</returns>
    public static double Compute(ReadOnlySpan<float> logits, float highest, Span<float> numerators)
    {
        // A plain loop: the JIT takes some 5 ms for TensorPrimitives.Subtract, before the first token.
        for (int i = 0; i < logits.Length; i++)
            numerators[i] = logits[i] - highest;
        TensorPrimitives.Exp<float>(numerators, numerators);
        double sum = 0;
        foreach (float numerator in numerators)
            sum += numerator;
        return sum;
    }
}
