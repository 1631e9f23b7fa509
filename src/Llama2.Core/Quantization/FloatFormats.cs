namespace Llama2.Quantization;

/// <summary>The unquantized formats, which store each weight as a floating-point number.</summary>
internal static class FloatFormats
{
    /// <summary>F32, F16 and BF16.</summary>
    public static IReadOnlyList<GgmlType> All { get; } = [.. WeightFormats.Supported.Where(type => GgmlTypes.BlockLength(type) == 1)];
}
