using System.Runtime.Intrinsics;

namespace Llama2.Quantization.Encoders;

/// <summary>How a scaled weight becomes an integer. Formats differ in it, and files are the same as GGML's only if each has its own.</summary>
internal interface IRounding
{
    /// <summary>The integer nearest to each scaled weight, plus <paramref name="bias"/>.</summary>
    static abstract Vector128<float> Round(Vector128<float> scaled, Vector128<float> bias);
}
