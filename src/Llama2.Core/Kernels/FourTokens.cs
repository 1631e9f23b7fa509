namespace Llama2.Kernels;

/// <summary>A tile of up to four tokens. Used when a few sequences are decoded together.</summary>
internal readonly struct FourTokens : ITileWidth
{
    public static int TokenCount => 4;
}
