namespace Llama2.Kernels;

/// <summary>One token: decoding, bound by memory.</summary>
internal readonly struct OneToken : ITileWidth
{
    public static int TokenCount => 1;
}
