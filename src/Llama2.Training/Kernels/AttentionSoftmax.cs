using System.Numerics.Tensors;
using Llama2.Kernels;

namespace Llama2.Training.Kernels;

/// <summary>Computes the softmax of one query's scores, and the gradient of this softmax.</summary>
internal static class AttentionSoftmax
{
    /// <summary>Replaces each score by the weight of its key. The weights add up to 1; a key that the query does not attend to has the weight 0.</summary>
    /// <param name="scores">The products of the query with keys; receives the weights.</param>
    /// <param name="seenCount">The number of keys that the query attends to, 1 or more.</param>
    /// <param name="scale">The factor by which the products are multiplied before the softmax.</param>
    /// <returns>The logarithm of the sum of the exponentials of the scaled scores.</returns>
    public static float Normalize(Span<float> scores, int seenCount, float scale)
    {
        Span<float> seen = scores[..seenCount];
        scores[seenCount..].Clear();
        float largest = TensorPrimitives.Max<float>(seen);
        TensorPrimitives.Subtract(seen, largest, seen);
        TensorPrimitives.Multiply(seen, scale, seen);
        Exponential.Apply(seen);
        float sum = LaneSums.Sum(seen);
        TensorPrimitives.Multiply(seen, 1 / sum, seen);
        return largest * scale + MathF.Log(sum);
    }

    /// <summary>Computes the weights from the scores again, and replaces the gradients of the weights by the gradients of the products.</summary>
    /// <param name="scores">The products of the query and the keys; receives the weights.</param>
    /// <param name="gradients">The gradients of the weights; receives the gradients of the products.</param>
    /// <param name="seenCount">The number of keys that the query attends to.</param>
    /// <param name="scale">The factor by which the products are multiplied before the softmax.</param>
    /// <param name="logSum">The result of <see cref="Normalize"/>.</param>
    /// <param name="outputDot">Σ output · outputGradient, which equals Σ weight · gradient.</param>
    public static void Backward(Span<float> scores, Span<float> gradients, int seenCount, float scale, float logSum, float outputDot)
    {
        Span<float> seen = scores[..seenCount], seenGradients = gradients[..seenCount];
        scores[seenCount..].Clear();
        gradients[seenCount..].Clear();
        TensorPrimitives.Multiply(seen, scale, seen);
        TensorPrimitives.Subtract(seen, logSum, seen);
        Exponential.Apply(seen);
        TensorPrimitives.Subtract(seenGradients, outputDot, seenGradients);
        TensorPrimitives.Multiply(seenGradients, scale, seenGradients);
        TensorPrimitives.Multiply<float>(seenGradients, seen, seenGradients);
    }
}
