namespace Llama2.Kernels;

/// <summary>A tile of one token. Used for decoding, whose speed is limited by memory.</summary>
internal readonly struct OneToken : ITileWidth
{
    public static int TokenCount => 1;
}
