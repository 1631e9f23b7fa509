namespace Llama2.Kernels;

/// <summary>Two vectors, so that each query or exponential that is loaded is used for two products.</summary>
internal readonly struct TwoVectors : IVectorCount
{
    public static int VectorCount => 2;
}
