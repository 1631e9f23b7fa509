using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Quantization;

namespace Llama2.Kernels;

/// <summary>
/// The 8-bit codes of the IQ4 formats. There are only 16 different codes, so a panel stores their 4-bit indexes, arranged as in <see cref="Codes4"/>,
/// and the codes are looked up when the panel is read.
/// </summary>
internal readonly struct CodesNonlinear4 : ICodes
{
    public static int Bits => 8;

    public static int BlockByteSize => Codes4.BlockByteSize;

    // This method is not called when a model is loaded, because the loader copies the indexes as they are in the file.
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block)
    {
        Span<byte> indexes = stackalloc byte[512];
        for (int i = 0; i < indexes.Length; i++)
        {
            indexes[i] = NonlinearCodes.IndexOf(vectors[i]);
        }

        Codes4.Pack(indexes, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Lookup(Codes4.Load<TTier, V>(in block, index), in MemoryMarshal.GetReference(NonlinearCodes.Tables));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot16Bits8(c0, c1, c2, c3, ref x, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot32Bits8(c0, c1, c2, c3, c4, c5, c6, c7, ref x, start);
}
