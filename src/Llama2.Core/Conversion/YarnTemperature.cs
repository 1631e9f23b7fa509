namespace Llama2.Conversion;

/// <summary>
/// How much YaRN sharpens attention of itself (Peng et al. 2023, arXiv 2309.00071, §3.4). Hugging Face states the whole, GGUF what the whole
/// is divided by this.
/// </summary>
internal static class YarnTemperature
{
    /// <param name="factor">How many times longer the context is; 1 or less changes nothing.</param>
    /// <param name="multiplier">Multiplies the term that is added to 1.</param>
    public static float Of(float factor, float multiplier = 1) => factor > 1 ? (0.1f * multiplier * MathF.Log(factor)) + 1 : 1;
}
