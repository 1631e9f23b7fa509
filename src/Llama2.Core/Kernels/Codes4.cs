using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// 4-bit codes in 256 bytes, that is, in four planes of 64 bytes: the low nibbles of plane i are code vector i, the high nibbles are code vector i +
/// 4.
/// </summary>
internal readonly struct Codes4 : ICodes
{
    public static int Bits => 4;

    public static int BlockByteSize => 256;

    /// <summary>Packs the low four bits of each code; wider codes store the other bits elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block)
    {
        Debug.Assert(vectors.Length >= 2 * BlockByteSize && block.Length >= BlockByteSize);
        ref byte source = ref MemoryMarshal.GetReference(vectors), destination = ref MemoryMarshal.GetReference(block);
        Vector256<byte> nibble = Vector256.Create((byte)15);
        for (nuint i = 0; i < (nuint)BlockByteSize; i += (nuint)Vector256<byte>.Count)
        {
            Vector256<byte> low = Vector256.LoadUnsafe(ref source, i) & nibble, high = Vector256.LoadUnsafe(ref source, (nuint)BlockByteSize + i) & nibble;
            // The nibbles are below 16, so no bit is shifted out of its byte.
            (low | (high.AsUInt16() << 4).AsByte()).StoreUnsafe(ref destination, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => index < 4
            ? TTier.And(TTier.Load(in Unsafe.Add(ref Unsafe.AsRef(in block), 64 * index)), 15)
            : TTier.And(TTier.ShiftRight(TTier.Load(in Unsafe.Add(ref Unsafe.AsRef(in block), 64 * (index - 4))), 4), 15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot16Bits5(c0, c1, c2, c3, ref x, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot32Bits4(c0, c1, c2, c3, c4, c5, c6, c7, ref x, start);
}
