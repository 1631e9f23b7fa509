namespace Llama2.Conversion;

/// <summary>
/// The default factor by which YaRN sharpens attention (Peng et al. 2023, arXiv 2309.00071, §3.4). Hugging Face's configuration states the total
/// factor; GGUF states the total factor divided by this default.
/// </summary>
internal static class YarnTemperature
{
    /// <param name="factor">The ratio of the extended to the original context length; 1 or less has no effect.</param>
    /// <param name="multiplier">The multiplier of the logarithmic term, which is added to 1.</param>
    public static float Of(float factor, float multiplier = 1) => factor > 1 ? (0.1f * multiplier * MathF.Log(factor)) + 1 : 1;
}
