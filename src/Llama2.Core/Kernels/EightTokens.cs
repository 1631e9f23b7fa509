namespace Llama2.Kernels;

/// <summary>Up to eight tokens, whose accumulators and eight code vectors fit in the registers: prompts, bound by arithmetic.</summary>
internal readonly struct EightTokens : ITileWidth
{
    public static int TokenCount => 8;
}
