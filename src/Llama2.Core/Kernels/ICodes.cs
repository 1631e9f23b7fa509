namespace Llama2.Kernels;

/// <summary>
/// How a panel stores the codes of a block of 16 rows × 32 columns. Code vector i (0–7) holds columns 4i … 4i+3: four consecutive codes of row 0,
/// then of row 1, and so on, 64 bytes in all. An implementation defines how vectors are packed and unpacked; the loop over blocks is in the kernels.
/// </summary>
internal interface ICodes
{
    /// <summary>The number of bits of a code; every code is below 2^Bits.</summary>
    static abstract int Bits { get; }

    /// <summary>The size in bytes of a block of 16 rows × 32 columns.</summary>
    static abstract int BlockByteSize { get; }

    /// <summary>Packs the eight code vectors of a block, 512 bytes, into <see cref="BlockByteSize"/> bytes.</summary>
    static abstract void Pack(ReadOnlySpan<byte> vectors, Span<byte> block);

    /// <summary>Loads the code vector with the number <paramref name="index"/>, for the rows whose codes begin at <paramref name="block"/>.</summary>
    static abstract V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>
    /// For each lane, the sum of the 16 products of four code vectors and the activations that begin at <paramref name="start"/>. An implementation
    /// calls the tier's method for its width of codes.
    /// </summary>
    static abstract V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>For each lane, the sum of the 32 products of eight code vectors and the activations that begin at <paramref name="start"/>.</summary>
    static abstract V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct;
}
