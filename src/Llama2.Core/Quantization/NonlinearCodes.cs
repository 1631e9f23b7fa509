using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>
/// The 16 code values of IQ4_NL and IQ4_XS. They are closer together near zero, where most of a model's weights are. Files store their 4-bit indices;
/// <see cref="Unpack"/> returns the values plus 128.
/// </summary>
internal static class NonlinearCodes
{
    /// <summary>The number that <see cref="Unpack"/> adds to every value.</summary>
    public const int Bias = 128;

    /// <summary>The largest unpacked code.</summary>
    public const int MaxCode = 113 + Bias;

    /// <summary>
    /// The size in bytes of the indices of 32 weights. The low nibbles are those of the first 16 weights, the high nibbles those of the last 16.
    /// </summary>
    public const int ByteSize = 16;

    /// <summary>The 16 codes, by their indices, four times, so that a register of up to 64 bytes is loaded with copies of them.</summary>
    // The values are -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89 and 113. The JIT compiler knows that these bytes never change, so a
    // kernel's loop keeps the register. It would build copies of a Vector128 in memory, again for each use.
    public static ReadOnlySpan<byte> Tables =>
    [
        1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241,
        1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241,
        1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241,
        1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241,
    ];

    private static readonly byte[] s_indices = MakeIndices();

    /// <summary>Looks up the 32 codes for the 32 indices in 16 bytes.</summary>
    public static void Unpack(ReadOnlySpan<byte> indices, Span<byte> codes)
    {
        Vector128<byte> bytes = Vector128.Create(indices), table = Vector128.Create(Tables);
        var nibble = Vector128.Create((byte)15);
        Vector128.Shuffle(table, bytes & nibble).CopyTo(codes);
        Vector128.Shuffle(table, (bytes.AsUInt16() >>> 4).AsByte() & nibble).CopyTo(codes[16..]);
    }

    /// <summary>The reverse of <see cref="Unpack"/>: converts 32 codes of the table to their indices.</summary>
    public static void Pack(ReadOnlySpan<byte> codes, Span<byte> indices)
    {
        for (int i = 0; i < ByteSize; i++)
            indices[i] = (byte)(IndexOf(codes[i]) | IndexOf(codes[i + ByteSize]) << 4);
    }

    /// <summary>The index of a code of the table.</summary>
    public static byte IndexOf(byte code) => s_indices[code];

    /// <summary>The next greater or smaller code of the table; the code itself if there is none.</summary>
    public static byte Neighbor(byte code, bool isGreater) => Tables[Math.Clamp(IndexOf(code) + (isGreater ? 1 : -1), 0, 15)];

    private static byte[] MakeIndices()
    {
        byte[] indices = new byte[256];
        for (int index = 0; index < 16; index++)
            indices[Tables[index]] = (byte)index;
        return indices;
    }
}
