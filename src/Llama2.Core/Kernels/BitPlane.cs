using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>64 bytes that hold one bit of each code of a block: code vector i in bit i.</summary>
internal static class BitPlane
{
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
