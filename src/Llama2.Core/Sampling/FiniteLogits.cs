using System.Globalization;
using System.Numerics.Tensors;

namespace Llama2.Sampling;

/// <summary>
/// Checks that the model's logits are finite, before tokens are chosen or probabilities are computed from the logits. No other code checks this.
/// </summary>
internal static class FiniteLogits
{
    /// <exception cref="NumericalException">A logit is infinite or NaN.</exception>
    public static void Require(ReadOnlySpan<float> logits)
    {
        if (TensorPrimitives.IsFiniteAll(logits))
            return;

        int tokenId = 0;
        while (float.IsFinite(logits[tokenId]))
            tokenId++;
        float value = logits[tokenId];
        throw new NumericalException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The logit of token {tokenId} is {value}; logits must be finite. The model's weights contain such a value, or computing with them overflows. ")
            + "Check the file against its publisher's checksum, or use another quantization of the model.",
            tokenId,
            value);
    }
}
