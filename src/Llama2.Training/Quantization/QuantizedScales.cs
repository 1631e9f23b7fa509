namespace Llama2.Training.Quantization;

/// <summary>
/// Double quantization (Dettmers et al. 2023, arXiv 2305.14314, §3). The scales of 256 blocks are stored in 8 bits each, as multiples of a step that
/// are added to a mean. The mean and the step are BF16 numbers, which together take 32 bits, as many as in the paper. A weight takes 4 + 8/64 +
/// 32/(64 · 256) = 4.127 bits.
/// </summary>
internal static class QuantizedScales
{
    /// <summary>The number of scales that share a mean and a step.</summary>
    public const int GroupLength = 256;

    private const int MaxCode = 127;

    /// <summary>Quantizes the scales of a group.</summary>
    /// <param name="scales">The scales, at most <see cref="GroupLength"/>.</param>
    /// <param name="codes">Receives a code for each scale.</param>
    /// <returns>The bits of the step and of the mean.</returns>
    public static (ushort Step, ushort Mean) Quantize(ReadOnlySpan<float> scales, Span<sbyte> codes)
    {
        double sum = 0;
        foreach (float scale in scales)
        {
            sum += scale;
        }

        ushort meanBits = ToBits((float)(sum / Math.Max(1, scales.Length)));
        // The differences are computed with the stored mean, so that the rounding of the mean causes no error.
        float mean = FromBits(meanBits), greatest = 0;
        foreach (float scale in scales)
        {
            greatest = Math.Max(greatest, Math.Abs(scale - mean));
        }

        ushort stepBits = ToBits(greatest / MaxCode);
        if (FromBits(stepBits) * MaxCode < greatest)
        {
            // The step is rounded up, because the largest difference must have a code.
            stepBits++;
        }

        float step = FromBits(stepBits);
        for (int i = 0; i < scales.Length; i++)
        {
            codes[i] = step == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round((scales[i] - mean) / step), -MaxCode, MaxCode);
        }

        return (stepBits, meanBits);
    }

    /// <summary>Returns the scale that a code stands for.</summary>
    public static float Dequantize(sbyte code, float step, float mean) => code * step + mean;

    /// <summary>Converts a BF16 number to float32.</summary>
    public static float FromBits(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    // Converts a number to BF16: rounds to the nearest, ties to even. The number must be finite and well below the largest float32.
    private static ushort ToBits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
