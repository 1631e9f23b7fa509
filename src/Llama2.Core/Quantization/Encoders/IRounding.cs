using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>How a scaled weight is rounded to an integer. Formats differ in this, and each must use its own rounding to give the same files as GGML.</summary>
internal interface IRounding
{
    /// <summary>The integer nearest to each scaled weight, plus <paramref name="bias"/>.</summary>
    static abstract Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias);
}
