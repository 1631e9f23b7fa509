using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures the products of bytes per second that <c>vpdpbusd</c> computes when all operands are in registers: an upper limit for products with
/// quantized weights. Without .NET 11 the registers have 256 bits.
/// </summary>
internal static class ByteProductPeak
{
    private const int ChainCount = 12;
    private const int IterationCount = 2_000_000;

    /// <summary>Whether this process may use the instruction.</summary>
    public static bool IsSupported => AvxVnni.IsSupported;

#if NET11_0_OR_GREATER
    private static bool IsWide => AvxVnni.V512.IsSupported;
#else
    private static bool IsWide => false;
#endif

    /// <summary>Billions of products per second, the best of several runs.</summary>
    public static double Measure(WorkerPool pool)
    {
        double seconds = Stopwatches.Best(() => pool.Run(new Chains(), pool.ThreadCount));
        return (double)pool.ThreadCount * IterationCount * ChainCount * (IsWide ? 64 : 32) / seconds / 1e9;
    }

    private readonly record struct Chains : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                int sum = IsWide ? Run512() : Run256();
                if (sum == 0)
                {
                    throw new InvalidOperationException("The sum of the chains must not be 0.");
                }
            }
        }
    }

#if NET11_0_OR_GREATER
    // Twelve independent chains hide a latency of five cycles on two ports. They start with different numbers, so that none is replaced by another.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run512()
    {
        Vector512<byte> a = Vector512.Create((byte)3);
        Vector512<sbyte> b = Vector512.Create((sbyte)2);
        Vector512<int> s0 = Vector512.Create(1), s1 = s0 + s0, s2 = s1 + s0, s3 = s2 + s0, s4 = s3 + s0, s5 = s4 + s0;
        Vector512<int> s6 = s5 + s0, s7 = s6 + s0, s8 = s7 + s0, s9 = s8 + s0, s10 = s9 + s0, s11 = s10 + s0;
        for (int i = 0; i < IterationCount; i++)
        {
            s0 = AvxVnni.V512.MultiplyWideningAndAdd(s0, a, b);
            s1 = AvxVnni.V512.MultiplyWideningAndAdd(s1, a, b);
            s2 = AvxVnni.V512.MultiplyWideningAndAdd(s2, a, b);
            s3 = AvxVnni.V512.MultiplyWideningAndAdd(s3, a, b);
            s4 = AvxVnni.V512.MultiplyWideningAndAdd(s4, a, b);
            s5 = AvxVnni.V512.MultiplyWideningAndAdd(s5, a, b);
            s6 = AvxVnni.V512.MultiplyWideningAndAdd(s6, a, b);
            s7 = AvxVnni.V512.MultiplyWideningAndAdd(s7, a, b);
            s8 = AvxVnni.V512.MultiplyWideningAndAdd(s8, a, b);
            s9 = AvxVnni.V512.MultiplyWideningAndAdd(s9, a, b);
            s10 = AvxVnni.V512.MultiplyWideningAndAdd(s10, a, b);
            s11 = AvxVnni.V512.MultiplyWideningAndAdd(s11, a, b);
        }

        return Vector512.Sum(s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7 ^ s8 ^ s9 ^ s10 ^ s11) | 1;
    }
#else
    private static int Run512() => throw new PlatformNotSupportedException();
#endif

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run256()
    {
        Vector256<byte> a = Vector256.Create((byte)3);
        Vector256<sbyte> b = Vector256.Create((sbyte)2);
        Vector256<int> s0 = Vector256.Create(1), s1 = s0 + s0, s2 = s1 + s0, s3 = s2 + s0, s4 = s3 + s0, s5 = s4 + s0;
        Vector256<int> s6 = s5 + s0, s7 = s6 + s0, s8 = s7 + s0, s9 = s8 + s0, s10 = s9 + s0, s11 = s10 + s0;
        for (int i = 0; i < IterationCount; i++)
        {
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, a, b);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, a, b);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, a, b);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, a, b);
            s4 = AvxVnni.MultiplyWideningAndAdd(s4, a, b);
            s5 = AvxVnni.MultiplyWideningAndAdd(s5, a, b);
            s6 = AvxVnni.MultiplyWideningAndAdd(s6, a, b);
            s7 = AvxVnni.MultiplyWideningAndAdd(s7, a, b);
            s8 = AvxVnni.MultiplyWideningAndAdd(s8, a, b);
            s9 = AvxVnni.MultiplyWideningAndAdd(s9, a, b);
            s10 = AvxVnni.MultiplyWideningAndAdd(s10, a, b);
            s11 = AvxVnni.MultiplyWideningAndAdd(s11, a, b);
        }

        return Vector256.Sum(s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7 ^ s8 ^ s9 ^ s10 ^ s11) | 1;
    }
}
