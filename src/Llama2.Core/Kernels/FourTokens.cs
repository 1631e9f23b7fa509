namespace Llama2.Kernels;

/// <summary>Up to four tokens: a few sequences decoded together.</summary>
internal readonly struct FourTokens : ITileWidth
{
    public static int TokenCount => 4;
}
