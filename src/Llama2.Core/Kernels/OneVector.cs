namespace Llama2.Kernels;

/// <summary>One vector: the last one of an odd number.</summary>
internal readonly struct OneVector : IVectorCount
{
    public static int VectorCount => 1;
}
