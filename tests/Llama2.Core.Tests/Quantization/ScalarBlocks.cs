using System.Buffers.Binary;

namespace Llama2.Tests.Quantization;

/// <summary>
/// Scalar reference implementations of the block formats: each computes weight i of a block directly from its bits. They are written from the sizes
/// and orders in ggml's block structs and share no code with the library.
/// </summary>
internal static class ScalarBlocks
{
    private static readonly int[] s_nonlinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    public static float Weight(GgmlType type, byte[] b, int i) => type switch
    {
        GgmlType.Q4_0 => Half(b, 0) * (Bits(b, 2, 16, i, 4) - 8),
        GgmlType.Q4_1 => Half(b, 0) * Bits(b, 4, 16, i, 4) + Half(b, 2),
        GgmlType.Q5_0 => Half(b, 0) * ((Bits(b, 6, 16, i, 4) | Bit(b, 2, i) << 4) - 16),
        GgmlType.Q5_1 => Half(b, 0) * (Bits(b, 8, 16, i, 4) | Bit(b, 4, i) << 4) + Half(b, 2),
        GgmlType.Q8_0 => Half(b, 0) * (sbyte)b[2 + i],
        GgmlType.Q2_K => Half(b, 80) * (b[i / 16] % 16) * Bits(b, 16, 32, i, 2) - Half(b, 82) * (b[i / 16] / 16),
        GgmlType.Q3_K => Half(b, 108) * Q3Scale(b, i / 16) * (Bits(b, 32, 32, i, 2) - (Bits(b, 0, 32, i, 1) == 1 ? 0 : 4)),
        GgmlType.Q4_K => Half(b, 0) * KScale(b, i / 32) * Bits(b, 16, 32, i, 4) - Half(b, 2) * KMinimum(b, i / 32),
        GgmlType.Q5_K => Half(b, 0) * KScale(b, i / 32) * (Bits(b, 48, 32, i, 4) + 16 * Bits(b, 16, 32, i, 1))
            - Half(b, 2) * KMinimum(b, i / 32),
        GgmlType.Q6_K => Half(b, 208) * (sbyte)b[192 + i / 16] * (Bits(b, 0, 64, i, 4) + 16 * Bits(b, 128, 32, i, 2) - 32),
        GgmlType.IQ4_NL => Half(b, 0) * s_nonlinear[Bits(b, 2, 16, i, 4)],
        GgmlType.IQ4_XS => Half(b, 0) * Iq4XsScale(b, i / 32) * s_nonlinear[Bits(b, 8, 16, i, 4)],
        GgmlType.F32 => BinaryPrimitives.ReadSingleLittleEndian(b),
        GgmlType.F16 => Half(b, 0),
        GgmlType.BF16 => BitConverter.Int32BitsToSingle(b[0] << 16 | b[1] << 24),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    // Reads fields of a few bits from runs of bytes: the lowest bits of a run's bytes are its first weights, the next bits are the following weights,
    // and then comes the next run.
    private static int Bits(byte[] block, int start, int runBytes, int i, int bitCount)
    {
        int runWeights = runBytes * 8 / bitCount;
        int run = i / runWeights, within = i % runWeights;
        return block[start + run * runBytes + within % runBytes] >> within / runBytes * bitCount & (1 << bitCount) - 1;
    }

    private static int Bit(byte[] block, int start, int i) => block[start + i / 8] >> i % 8 & 1;

    private static float Half(byte[] block, int start) => (float)BitConverter.UInt16BitsToHalf((ushort)(block[start] | block[start + 1] << 8));

    private static int Q3Scale(byte[] b, int group)
    {
        int low = group < 8 ? b[96 + group] % 16 : b[96 + group - 8] / 16;
        int high = b[104 + group % 4] >> 2 * (group / 4) & 3;
        return low + 16 * high - 32;
    }

    private static int KScale(byte[] b, int group) =>
        group < 4 ? b[4 + group] & 63 : b[12 + group - 4] % 16 + (b[4 + group - 4] >> 6) * 16;

    private static int KMinimum(byte[] b, int group) =>
        group < 4 ? b[8 + group] & 63 : b[12 + group - 4] / 16 + (b[8 + group - 4] >> 6) * 16;

    private static int Iq4XsScale(byte[] b, int group)
    {
        int low = group % 2 == 0 ? b[4 + group / 2] % 16 : b[4 + group / 2] / 16;
        int high = (b[2] | b[3] << 8) >> 2 * group & 3;
        return low + 16 * high - 32;
    }
}
