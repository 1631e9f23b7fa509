namespace Llama2.Tests.Kernels;

/// <summary>
/// A scalar reference implementation of the quantization of activations: one scale for 32 columns; the largest magnitude becomes 127.
/// </summary>
internal static class ScalarQuantization
{
    public static (float[] Scales, sbyte[] Values) Quantize(ReadOnlySpan<float> activations)
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

            scales[block] = largest / 127;
            for (int i = 32 * block; i < 32 * block + 32; i++)
            {
                values[i] = largest == 0 ? (sbyte)0 : (sbyte)MathF.Round(activations[i] * (127 / largest), MidpointRounding.ToEven);
            }
        }

        return (scales, values);
    }

    /// <summary>Converts quantized activations back to floats.</summary>
    public static double[] Dequantize(ReadOnlySpan<float> activations)
    {
        (float[] scales, sbyte[] values) = Quantize(activations);
        return [.. values.Select((value, i) => (double)scales[i / 32] * value)];
    }
}
