using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>Reads memory with as little computation as possible, to measure how fast memory can be read.</summary>
internal static class MemoryRead
{
    /// <summary>Combines whole lines of 256 bytes into one number, which is returned only so that the compiler cannot remove the reads.</summary>
    public static ulong Fold(ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int whole = bytes.Length / 256 * 256;
        return Vector512.IsHardwareAccelerated ? FoldBy512(ref start, whole) : FoldBy128(ref start, whole);
    }

    // There are four sums, so that no addition waits for the previous one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong FoldBy512(ref byte start, int length)
    {
        Vector512<ulong> a = default, b = default, c = default, d = default;
        for (int i = 0; i < length; i += 256)
        {
            ref byte lines = ref Unsafe.Add(ref start, i);
            a += Vector512.LoadUnsafe(ref lines).AsUInt64();
            b += Vector512.LoadUnsafe(ref lines, 64).AsUInt64();
            c += Vector512.LoadUnsafe(ref lines, 128).AsUInt64();
            d += Vector512.LoadUnsafe(ref lines, 192).AsUInt64();
        }

        return Vector512.Sum(a + b + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong FoldBy128(ref byte start, int length)
    {
        Vector128<ulong> a = default, b = default, c = default, d = default;
        for (int i = 0; i < length; i += 64)
        {
            ref byte line = ref Unsafe.Add(ref start, i);
            a += Vector128.LoadUnsafe(ref line).AsUInt64();
            b += Vector128.LoadUnsafe(ref line, 16).AsUInt64();
            c += Vector128.LoadUnsafe(ref line, 32).AsUInt64();
            d += Vector128.LoadUnsafe(ref line, 48).AsUInt64();
        }

        return Vector128.Sum(a + b + (c + d));
    }
}
