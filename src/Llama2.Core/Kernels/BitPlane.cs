using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>64 bytes that hold one bit of each code of a block: code vector i in bit i.</summary>
internal static class BitPlane
{
    /// <summary>Packs bit <paramref name="position"/> of each code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, int position, Span<byte> plane)
    {
        Vector128<byte> one = Vector128.Create((byte)1);
        for (int i = 0; i < 64; i += Vector128<byte>.Count)
        {
            Vector128<byte> bits = Vector128<byte>.Zero;
            for (int vector = 7; vector >= 0; vector--)
            {
                Vector128<byte> codes = Vector128.Create(vectors[(vector * 64 + i)..]);
                bits = (bits + bits) | (codes.AsUInt16() >> position).AsByte() & one;
            }

            bits.CopyTo(plane[i..]);
        }
    }

    /// <summary>Bit <paramref name="index"/> of every byte, moved to bit <paramref name="position"/>; both are constants, 0–7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte plane, int index, int position)
        where TTier : struct, ITier<V>
        where V : struct
    {
        V bits = TTier.Load(in plane);
        if (index < position)
        {
            bits = TTier.ShiftLeft(bits, position - index);
        }
        else if (index > position)
        {
            bits = TTier.ShiftRight(bits, index - position);
        }

        return TTier.And(bits, (byte)(1 << position));
    }
}
