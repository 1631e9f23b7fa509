namespace Llama2.Kernels;

/// <summary>
/// A tile of up to eight tokens, whose accumulators fit in the registers together with eight code vectors. Used for prompts, whose speed is limited
/// by arithmetic.
/// </summary>
internal readonly struct EightTokens : ITileWidth
{
    public static int TokenCount => 8;
}
