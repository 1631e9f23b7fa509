namespace Llama2.Quantization;

/// <summary>
/// The table of all GGML types that a file's tensors can have. It states the number of weights in a block and the block's size in bytes for each
/// type. Sizes are those of ggml-common.h. <see cref="WeightFormats"/> lists the types that this library supports.
/// </summary>
internal static class GgmlTypes
{
    /// <summary>
    /// Converts a type's number, as files state it, to the type. Returns false if the number is unknown or belongs to a type that GGML has removed.
    /// </summary>
    public static bool TryGet(uint number, out GgmlType type)
    {
        type = (GgmlType)number;
        return number <= (uint)GgmlType.MXFP4 && Layout(type).BlockLength != 0;
    }

    /// <summary>Whether a number belonged to a type that GGML has removed.</summary>
    public static bool IsRemoved(uint number) => number is 4 or 5 or 31 or 32 or 33 or 36 or 37 or 38;

    /// <summary>The number of weights in a block.</summary>
    public static int BlockLength(GgmlType type) => Known(type).BlockLength;

    /// <summary>The size of a block in bytes.</summary>
    public static int BlockByteSize(GgmlType type) => Known(type).ByteSize;

    /// <summary>The size in bytes of a row of <paramref name="rowLength"/> weights, which must be a whole number of blocks.</summary>
    public static long RowByteSize(GgmlType type, long rowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowLength);
        (int blockLength, int byteSize) = Known(type);
        (long blockCount, long rest) = Math.DivRem(rowLength, blockLength);
        if (rest != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(rowLength), rowLength, $"A row of {type} must be a multiple of {blockLength} weights.");
        }

        return checked(blockCount * byteSize);
    }

    private static (int BlockLength, int ByteSize) Known(GgmlType type)
    {
        (int BlockLength, int ByteSize) layout = Layout(type);
        return layout.BlockLength != 0 ? layout : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of GGML.");
    }

    private static (int BlockLength, int ByteSize) Layout(GgmlType type) => type switch
    {
        GgmlType.F32 => (1, 4),
        GgmlType.F16 => (1, 2),
        GgmlType.BF16 => (1, 2),
        GgmlType.Q4_0 => (32, 18),
        GgmlType.Q4_1 => (32, 20),
        GgmlType.Q5_0 => (32, 22),
        GgmlType.Q5_1 => (32, 24),
        GgmlType.Q8_0 => (32, 34),
        GgmlType.Q2_K => (256, 84),
        GgmlType.Q3_K => (256, 110),
        GgmlType.Q4_K => (256, 144),
        GgmlType.Q5_K => (256, 176),
        GgmlType.Q6_K => (256, 210),
        GgmlType.IQ4_NL => (32, 18),
        GgmlType.IQ4_XS => (256, 136),

        GgmlType.Q8_1 => (32, 36),
        GgmlType.Q8_K => (256, 292),
        GgmlType.IQ2_XXS => (256, 66),
        GgmlType.IQ2_XS => (256, 74),
        GgmlType.IQ2_S => (256, 82),
        GgmlType.IQ3_XXS => (256, 98),
        GgmlType.IQ3_S => (256, 110),
        GgmlType.IQ1_S => (256, 50),
        GgmlType.IQ1_M => (256, 56),
        GgmlType.TQ1_0 => (256, 54),
        GgmlType.TQ2_0 => (256, 66),
        GgmlType.MXFP4 => (32, 17),
        GgmlType.I8 => (1, 1),
        GgmlType.I16 => (1, 2),
        GgmlType.I32 => (1, 4),
        GgmlType.I64 => (1, 8),
        GgmlType.F64 => (1, 8),
        _ => default,
    };
}
