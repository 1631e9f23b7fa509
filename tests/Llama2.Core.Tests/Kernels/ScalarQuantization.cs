namespace Llama2.Tests.Kernels;

/// <summary>
/// A scalar reference implementation of the quantization of activations: one scale for 32 columns. The largest magnitude becomes 127, or, if scales are
/// powers of two, between 64 and 127.
/// </summary>
internal static class ScalarQuantization
{
    public static (float[] Scales, sbyte[] Values) Quantize(ReadOnlySpan<float> activations, bool powersOfTwo = false)
    {
        float[] scales = new float[activations.Length / 32];
        sbyte[] values = new sbyte[activations.Length];
        for (int block = 0; block < scales.Length; block++)
        {
            float largest = 0;
            foreach (float activation in activations.Slice(32 * block, 32))
            {
                largest = MathF.Max(largest, MathF.Abs(activation));
            }

            scales[block] = powersOfTwo ? PowerOfTwo(largest / 127) : largest / 127;
            float inverse = powersOfTwo ? 1 / scales[block] : 127 / largest;
            for (int i = 32 * block; i < 32 * block + 32; i++)
            {
                values[i] = largest == 0 ? (sbyte)0 : (sbyte)MathF.Round(activations[i] * inverse, MidpointRounding.ToEven);
            }
        }

        return (scales, values);
    }

    /// <summary>Converts quantized activations back to floats.</summary>
    public static double[] Dequantize(ReadOnlySpan<float> activations, bool powersOfTwo = false)
    {
        (float[] scales, sbyte[] values) = Quantize(activations, powersOfTwo);
        return [.. values.Select((value, i) => (double)scales[i / 32] * value)];
    }

    // The smallest power of two from 2⁻⁸⁰ that is not smaller than the number.
    private static float PowerOfTwo(float number)
    {
        float power = MathF.Pow(2, -80);
        while (power < number)
        {
            power *= 2;
        }

        return power;
    }
}
