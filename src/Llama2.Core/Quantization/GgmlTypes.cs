namespace Llama2.Quantization;

/// <summary>
/// The closed table of GGML's types: how many weights a block holds, in how many bytes, and whether this library computes with it.
/// Sizes are those of ggml-common.h.
/// </summary>
internal static class GgmlTypes
{
    /// <summary>The names of the types whose weights this library reads, for error messages.</summary>
    public static string SupportedNames => string.Join(", ", Enum.GetValues<GgmlType>().Where(IsSupported));

    /// <summary>Converts a type number of a file to a type; returns false for a number that GGML removed or that is unknown.</summary>
    public static bool TryGet(uint number, out GgmlType type)
    {
        type = (GgmlType)number;
        return number <= (uint)GgmlType.MXFP4 && Layout(type).BlockLength != 0;
    }

    /// <summary>True for the number of a type that GGML has removed.</summary>
    public static bool IsRemoved(uint number) => number is 4 or 5 or 31 or 32 or 33 or 36 or 37 or 38;

    /// <summary>True if this library reads weights of the type. Other types are listed by name, and refused when they are read.</summary>
    public static bool IsSupported(GgmlType type) => Layout(type).IsSupported;

    /// <summary>Weights in a block.</summary>
    public static int BlockLength(GgmlType type) => Known(type).BlockLength;

    /// <summary>Bytes in a block.</summary>
    public static int BlockByteSize(GgmlType type) => Known(type).ByteSize;

    /// <summary>The size in bytes of a row of <paramref name="rowLength"/> weights, which must be a whole number of blocks.</summary>
    public static long RowByteSize(GgmlType type, long rowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowLength);
        (int blockLength, int byteSize, _) = Known(type);
        (long blockCount, long rest) = Math.DivRem(rowLength, blockLength);
        if (rest != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(rowLength), rowLength, $"A row of {type} is a multiple of {blockLength} weights.");
        }

        return checked(blockCount * byteSize);
    }

    private static (int BlockLength, int ByteSize, bool IsSupported) Known(GgmlType type)
    {
        (int BlockLength, int ByteSize, bool IsSupported) layout = Layout(type);
        return layout.BlockLength != 0 ? layout : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of GGML.");
    }

    private static (int BlockLength, int ByteSize, bool IsSupported) Layout(GgmlType type) => type switch
    {
        GgmlType.F32 => (1, 4, true),
        GgmlType.F16 => (1, 2, true),
        GgmlType.BF16 => (1, 2, true),
        GgmlType.Q4_0 => (32, 18, true),
        GgmlType.Q4_1 => (32, 20, true),
        GgmlType.Q5_0 => (32, 22, true),
        GgmlType.Q5_1 => (32, 24, true),
        GgmlType.Q8_0 => (32, 34, true),
        GgmlType.Q2_K => (256, 84, true),
        GgmlType.Q3_K => (256, 110, true),
        GgmlType.Q4_K => (256, 144, true),
        GgmlType.Q5_K => (256, 176, true),
        GgmlType.Q6_K => (256, 210, true),
        GgmlType.IQ4_NL => (32, 18, true),
        GgmlType.IQ4_XS => (256, 136, true),

        GgmlType.Q8_1 => (32, 36, false),
        GgmlType.Q8_K => (256, 292, false),
        GgmlType.IQ2_XXS => (256, 66, false),
        GgmlType.IQ2_XS => (256, 74, false),
        GgmlType.IQ2_S => (256, 82, false),
        GgmlType.IQ3_XXS => (256, 98, false),
        GgmlType.IQ3_S => (256, 110, false),
        GgmlType.IQ1_S => (256, 50, false),
        GgmlType.IQ1_M => (256, 56, false),
        GgmlType.TQ1_0 => (256, 54, false),
        GgmlType.TQ2_0 => (256, 66, false),
        GgmlType.MXFP4 => (32, 17, false),
        GgmlType.I8 => (1, 1, false),
        GgmlType.I16 => (1, 2, false),
        GgmlType.I32 => (1, 4, false),
        GgmlType.I64 => (1, 8, false),
        GgmlType.F64 => (1, 8, false),
        _ => default,
    };
}
