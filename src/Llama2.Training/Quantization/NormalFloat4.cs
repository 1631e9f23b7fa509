namespace Llama2.Training.Quantization;

/// <summary>
/// The 16 values of NF4, and the search for the value that is nearest to a weight. The values are quantiles of a normal distribution, scaled to the
/// range from −1 to 1 (Dettmers et al. 2023, arXiv 2305.14314, §3 and appendix E).
/// </summary>
internal static class NormalFloat4
{
    /// <summary>The number of weights that share a scale. The scale is the largest absolute value among them.</summary>
    public const int BlockLength = 64;

    /// <summary>The index of 0.</summary>
    public const int ZeroIndex = 7;

    private static readonly float[] s_midpoints = MakeMidpoints();

    /// <summary>The values in ascending order.</summary>
    public static ReadOnlySpan<float> Values =>
    [
        -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
        0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f,
    ];

    /// <summary>The index of the value nearest to a weight of −1 to 1.</summary>
    public static int IndexOf(float weight)
    {
        // The value is found by four comparisons with the midpoints between neighbouring values.
        ReadOnlySpan<float> midpoints = s_midpoints;
        int index = weight > midpoints[7] ? 8 : 0;
        index += weight > midpoints[index + 3] ? 4 : 0;
        index += weight > midpoints[index + 1] ? 2 : 0;
        return index + (weight > midpoints[index] ? 1 : 0);
    }

    private static float[] MakeMidpoints()
    {
        float[] midpoints = new float[Values.Length - 1];
        for (int i = 0; i < midpoints.Length; i++)
        {
            midpoints[i] = (Values[i] + Values[i + 1]) / 2;
        }

        return midpoints;
    }
}
