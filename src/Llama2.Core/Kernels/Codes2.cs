using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// 2-bit codes in 128 bytes, that is, in two planes of 64 bytes. Plane j holds code vectors 4j … 4j+3: vector 4j + i is in bits 2i and 2i + 1 of each
/// byte.
/// </summary>
internal readonly struct Codes2 : ICodes
{
    public static int Bits => 2;

    public static int BlockByteSize => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block) => PackBits(vectors, 0, block);

    /// <summary>Packs two bits of each code: the bits with the numbers <paramref name="position"/> and <paramref name="position"/> + 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> vectors, int position, Span<byte> planes)
    {
        Debug.Assert(vectors.Length >= 512 && planes.Length >= BlockByteSize);
        ref byte source = ref MemoryMarshal.GetReference(vectors), destination = ref MemoryMarshal.GetReference(planes);
        Vector256<byte> two = Vector256.Create((byte)3);
        for (nuint i = 0; i < (nuint)BlockByteSize; i += (nuint)Vector256<byte>.Count)
        {
            // Plane 0 holds bytes 0–255 of the code vectors, plane 1 holds bytes 256–511.
            nuint start = i < 64 ? i : i + 192;
            Vector256<byte> bits = Vector256<byte>.Zero;
            for (int vector = 3; vector >= 0; vector--)
            {
                Vector256<byte> codes = Vector256.LoadUnsafe(ref source, start + (nuint)(64 * vector));
                bits = (bits.AsUInt16() << 2).AsByte() | (codes.AsUInt16() >> position).AsByte() & two;
            }

            bits.StoreUnsafe(ref destination, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => Plane<TTier, V>(in Unsafe.Add(ref Unsafe.AsRef(in block), 64 * (index / 4)), index % 4);

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Plane<TTier, V>(ref readonly byte plane, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => index switch
        {
            0 => TTier.And(TTier.Load(in plane), 3),
            1 => TTier.And(TTier.ShiftRight(TTier.Load(in plane), 2), 3),
            2 => TTier.And(TTier.ShiftRight(TTier.Load(in plane), 4), 3),
            _ => TTier.And(TTier.ShiftRight(TTier.Load(in plane), 6), 3),
        };
}
