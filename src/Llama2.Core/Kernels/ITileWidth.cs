namespace Llama2.Kernels;

/// <summary>The number of tokens that a kernel multiplies at once, as a type, so that one kernel is compiled for each number.</summary>
internal interface ITileWidth
{
    static abstract int TokenCount { get; }
}
