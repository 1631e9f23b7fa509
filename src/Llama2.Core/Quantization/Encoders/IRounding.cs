using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// How a scaled weight is rounded to an integer. GGML rounds differently for different formats, and this library writes the same files as GGML only
/// if it rounds for each format as GGML does.
/// </summary>
internal interface IRounding
{
    /// <summary>The integer nearest to each scaled weight, plus <paramref name="bias"/>.</summary>
    static abstract Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias);
}
