using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>64 bytes that hold one bit of each code of a block: bit i of each byte belongs to code vector i.</summary>
internal static class BitPlane
{
    /// <summary>Packs one bit of each code: the bit with the number <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, int position, Span<byte> plane)
    {
        Debug.Assert(vectors.Length >= 512 && plane.Length >= 64);
        ref byte source = ref MemoryMarshal.GetReference(vectors), destination = ref MemoryMarshal.GetReference(plane);
        Vector256<byte> one = Vector256.Create((byte)1);
        for (nuint i = 0; i < 64; i += (nuint)Vector256<byte>.Count)
        {
            Vector256<byte> bits = Vector256<byte>.Zero;
            for (int vector = 7; vector >= 0; vector--)
            {
                Vector256<byte> codes = Vector256.LoadUnsafe(ref source, i + (nuint)(64 * vector));
                bits = (bits + bits) | (codes.AsUInt16() >> position).AsByte() & one;
            }

            bits.StoreUnsafe(ref destination, i);
        }
    }

    /// <summary>
    /// Takes the bit with the number <paramref name="index"/> from every byte, and moves it to the place of the bit with the number
    /// <paramref name="position"/>; both numbers are constants, 0–7.
    /// </summary>
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
