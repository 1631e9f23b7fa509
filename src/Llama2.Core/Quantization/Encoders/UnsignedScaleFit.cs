namespace Llama2.Quantization.Encoders;

/// <summary>
/// Encodes the scales, or the offsets, of a block's groups as codes from 0 to n with one common scale. It takes the best of nine scales, and then
/// improves the codes by coordinate descent. Both steps minimize the squared error, weighted by importance.
/// </summary>
internal static class UnsignedScaleFit
{
    private const int StepCount = 4;
    private const float Step = 0.1f;
    private const int RoundCount = 5;

    /// <param name="values">One value for each group, 0 or more.</param>
    /// <param name="importance">The importance of each value's error.</param>
    /// <param name="maxCode">The largest code.</param>
    /// <param name="codes">Receives a code for each value.</param>
    /// <returns>The scale; 0 if all values are 0.</returns>
    public static float Run(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int maxCode, Span<byte> codes)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, value);
        }

        codes[..values.Length].Clear();
        if (largest < SignedScaleSearch.SmallestMagnitude)
        {
            return 0;
        }

        float factor = BestFactor(values, importance, maxCode, largest), product = 0, square = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int code = Nearest(factor * values[i], maxCode);
            codes[i] = (byte)code;
            product += importance[i] * values[i] * code;
            square += importance[i] * code * code;
        }

        for (int round = 0; round < RoundCount && Improve(values, importance, maxCode, codes, ref product, ref square); round++)
        {
        }

        return square > 0 ? product / square : 0;
    }

    private static float BestFactor(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int maxCode, float largest)
    {
        float bestFactor = maxCode / largest, bestError = Error(values, importance, maxCode, bestFactor);
        for (int step = -StepCount; step <= StepCount; step++)
        {
            float factor = (Step * step + maxCode) / largest, error = Error(values, importance, maxCode, factor);
            if (step != 0 && error < bestError)
            {
                (bestError, bestFactor) = (error, factor);
            }
        }

        return bestFactor;
    }

    private static float Error(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int maxCode, float factor)
    {
        float scale = 1 / factor, error = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float difference = values[i] - scale * Nearest(factor * values[i], maxCode);
            error += importance[i] * difference * difference;
        }

        return error;
    }

    private static bool Improve(
        ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int maxCode, Span<byte> codes, ref float product, ref float square)
    {
        bool hasChanged = false;
        for (int i = 0; i < values.Length; i++)
        {
            float weight = importance[i], newProduct = product - weight * values[i] * codes[i], newSquare = square - weight * codes[i] * codes[i];
            if (newProduct <= 0 || newSquare <= 0)
            {
                continue;
            }

            int code = Nearest(values[i] * newSquare / newProduct, maxCode);
            newProduct += weight * values[i] * code;
            newSquare += weight * code * code;
            if (code != codes[i] && newProduct * newProduct * square > product * product * newSquare)
            {
                (codes[i], product, square) = ((byte)code, newProduct, newSquare);
                hasChanged = true;
            }
        }

        return hasChanged;
    }

    private static int Nearest(float value, int maxCode) => (int)MathF.Min(MathF.Round(value), maxCode);
}
