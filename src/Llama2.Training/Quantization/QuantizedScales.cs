namespace Llama2.Training.Quantization;

/// <summary>
/// Double quantization (Dettmers et al. 2023, arXiv 2305.14314, §3): the scales of 256 blocks in 8 bits, as differences from their mean. The mean and
/// the step are numbers of 16 bits (BF16), together the 32 bits of the paper: 4 + 8/64 + 32/(64 · 256) = 4.127 bits a weight.
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
        // Differences from the stored mean, so that its rounding causes no error.
        float mean = FromBits(meanBits), greatest = 0;
        foreach (float scale in scales)
        {
            greatest = Math.Max(greatest, Math.Abs(scale - mean));
        }

        ushort stepBits = ToBits(greatest / MaxCode);
        if (FromBits(stepBits) * MaxCode < greatest)
        {
            // Rounded up, because the largest difference must have a code.
            stepBits++;
        }

        float step = FromBits(stepBits);
        for (int i = 0; i < scales.Length; i++)
        {
            codes[i] = step == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round((scales[i] - mean) / step), -MaxCode, MaxCode);
        }

        return (stepBits, meanBits);
    }

    /// <summary>The scale of a code.</summary>
    public static float Dequantize(sbyte code, float step, float mean) => code * step + mean;

    /// <summary>Widens a BF16 number.</summary>
    public static float FromBits(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    // Rounds to nearest, ties to even; the number is finite and not near the largest one.
    private static ushort ToBits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
