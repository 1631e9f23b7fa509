using Llama2.Quantization;

namespace Llama2.Model;

/// <summary>Which format each tensor of a model has under a name such as Q4_K_M, as llama.cpp chooses without an importance matrix (llama-quant.cpp).</summary>
internal sealed class QuantizationMix(string name, RandomModelShape shape)
{
    /// <summary>The format of the tensors that nothing is said about.</summary>
    public GgmlType Base { get; } = Enum.Parse<GgmlType>(name.EndsWith("_M", StringComparison.Ordinal) ? name[..^2] : name);

    /// <summary>The output matrix is Q6_K in every quantization below Q8_0.</summary>
    public GgmlType Output => Base is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0 ? Base : GgmlType.Q6_K;

    public GgmlType AttentionOutput => name switch
    {
        "Q2_K" => GgmlType.Q3_K,
        "Q3_K_M" => GgmlType.Q4_K,
        _ => Base,
    };

    public GgmlType Value(int layer)
    {
        GgmlType type = name switch
        {
            "Q2_K" => IsGrouped ? GgmlType.Q4_K : GgmlType.Q3_K,
            "Q3_K_M" => layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K,
            "Q4_K_M" or "Q5_K_M" => UsesMoreBits(layer) ? GgmlType.Q6_K : Base,
            "IQ4_NL" or "IQ4_XS" => IsGrouped ? GgmlType.Q5_K : Base,
            _ => Base,
        };
        // Llama 2 70B, known by its layers: its value matrices are an eighth of the query's, so more bits cost next to nothing.
        return shape.LayerCount == 80 && IsGrouped && type is (GgmlType.Q3_K or GgmlType.Q4_K) ? GgmlType.Q5_K : type;
    }

    public GgmlType Down(int layer) => name switch
    {
        "Q2_K" => GgmlType.Q3_K,
        "Q3_K_M" => layer < shape.LayerCount / 16 ? GgmlType.Q5_K : GgmlType.Q4_K,
        "Q4_K_M" or "Q5_K_M" => UsesMoreBits(layer) ? GgmlType.Q6_K : Base,
        "IQ4_NL" or "IQ4_XS" => layer < shape.LayerCount / 8 ? GgmlType.Q5_K : Base,
        _ => Base,
    };

    private bool IsGrouped => shape.HeadCount / shape.KeyValueHeadCount >= 4;

    // The first and the last eighth of the layers, and every third between.
    private bool UsesMoreBits(int layer)
        => layer < shape.LayerCount / 8 || layer >= 7 * shape.LayerCount / 8 || (layer - shape.LayerCount / 8) % 3 == 2;
}
