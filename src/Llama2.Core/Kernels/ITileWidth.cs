namespace Llama2.Kernels;

/// <summary>The number of tokens that a kernel multiplies at once. Each number is a type of its own, so that a kernel is compiled for each number.</summary>
internal interface ITileWidth
{
    static abstract int TokenCount { get; }
}
