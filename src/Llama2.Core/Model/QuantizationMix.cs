using System.Globalization;
using Llama2.Formats;
using Llama2.Quantization;

namespace Llama2.Model;

/// <summary>
/// Which format each tensor of a model has under a name such as Q4_K_M, as llama.cpp chooses (llama-quant.cpp): the name's own, but more bits
/// for the matrices that suffer most.
/// </summary>
internal sealed class QuantizationMix
{
    private readonly string _name;
    private readonly int _layerCount;
    private readonly int _groupSize;
    private readonly bool _isSeventyBillion;
    private readonly bool _hasImportance;

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="layerCount">Transformer blocks.</param>
    /// <param name="headCount">Query heads.</param>
    /// <param name="keyValueHeadCount">Key and value heads.</param>
    /// <param name="hasImportance">Whether an importance matrix is used, which makes some of the extra bits needless.</param>
    public QuantizationMix(string name, int layerCount, int headCount, int keyValueHeadCount, bool hasImportance = false)
    {
        _name = name;
        _layerCount = layerCount;
        _groupSize = headCount / keyValueHeadCount;
        _hasImportance = hasImportance;
        // Llama 2 70B, known by its layers: its value matrices are an eighth of the query's, so more bits cost next to nothing.
        _isSeventyBillion = layerCount == 80 && headCount != keyValueHeadCount;
        Base = Enum.Parse<GgmlType>(name[^2] == '_' && name[^1] is 'S' or 'M' or 'L' ? name[..^2] : name);
    }

    /// <summary>The mixes there are.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL", "IQ4_XS", "Q2_K", "Q2_K_S", "Q3_K_S", "Q3_K_M", "Q3_K_L",
        "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K",
    ];

    /// <summary>The format of the tensors that nothing is said about.</summary>
    public GgmlType Base { get; }

    /// <summary>The number that <c>general.file_type</c> has for the mix (llama.h, <c>enum llama_ftype</c>).</summary>
    public uint FileType => _name switch
    {
        "F32" => 0,
        "F16" => 1,
        "Q4_0" => 2,
        "Q4_1" => 3,
        "Q8_0" => 7,
        "Q5_0" => 8,
        "Q5_1" => 9,
        "Q2_K" => 10,
        "Q3_K_S" => 11,
        "Q3_K_M" => 12,
        "Q3_K_L" => 13,
        "Q4_K_S" => 14,
        "Q4_K_M" => 15,
        "Q5_K_S" => 16,
        "Q5_K_M" => 17,
        "Q6_K" => 18,
        "Q2_K_S" => 21,
        "IQ4_NL" => 25,
        "IQ4_XS" => 30,
        _ => 32, // BF16
    };

    /// <summary>The output matrix is Q6_K in every quantization below Q8_0.</summary>
    public GgmlType Output => IsQuantized && Base != GgmlType.Q8_0 ? GgmlType.Q6_K : Base;

    public GgmlType AttentionOutput => _name switch
    {
        "Q2_K" => GgmlType.Q3_K,
        "Q3_K_M" => GgmlType.Q4_K,
        "Q3_K_L" => GgmlType.Q5_K,
        _ => Base,
    };

    /// <summary>Whether two bits a weight are too few to do without an importance matrix.</summary>
    public bool NeedsImportance => _name == "Q2_K_S";

    private bool IsQuantized => Base is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16);

    public GgmlType Value(int layer)
    {
        GgmlType type = _name switch
        {
            "Q2_K" => _groupSize >= 4 ? GgmlType.Q4_K : GgmlType.Q3_K,
            "Q2_K_S" when _groupSize >= 4 => GgmlType.Q4_K,
            "Q3_K_M" => layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K,
            "Q3_K_L" => GgmlType.Q5_K,
            "Q4_K_S" when layer < 4 => GgmlType.Q5_K,
            "Q4_K_M" or "Q5_K_M" when UsesMoreBits(layer) => GgmlType.Q6_K,
            "IQ4_NL" or "IQ4_XS" when _groupSize >= 4 => GgmlType.Q5_K,
            _ => Base,
        };
        return _isSeventyBillion && type is GgmlType.Q3_K or GgmlType.Q4_K ? GgmlType.Q5_K : type;
    }

    public GgmlType Down(int layer) => _name switch
    {
        "Q2_K" => GgmlType.Q3_K,
        "Q2_K_S" when layer < _layerCount / 8 => GgmlType.Q4_K,
        "Q3_K_M" => layer < _layerCount / 16 ? GgmlType.Q5_K : GgmlType.Q4_K,
        "Q3_K_L" => GgmlType.Q5_K,
        "Q4_K_S" when layer < _layerCount / 8 => GgmlType.Q5_K,
        "Q4_K_M" or "Q5_K_M" when UsesMoreBits(layer) => GgmlType.Q6_K,
        "IQ4_NL" or "IQ4_XS" when layer < _layerCount / 8 && !_hasImportance => GgmlType.Q5_K,
        "Q4_0" when layer < _layerCount / 8 && _hasImportance => GgmlType.Q4_1,
        "Q5_0" when layer < _layerCount / 8 && _hasImportance => GgmlType.Q5_1,
        _ => Base,
    };

    /// <summary>The format of a file's tensor: by its name, and one of shorter blocks where its rows are no whole blocks.</summary>
    /// <param name="tensor">The tensor as it is.</param>
    /// <param name="isTied">Whether the model has no output matrix, so that the token embeddings are it.</param>
    /// <param name="isPure">Whether all matrices have <see cref="Base"/>.</param>
    public GgmlType TypeOf(TensorDescription tensor, bool isTied, bool isPure = false)
    {
        // Norms and other vectors cost nothing, and converters write them in F32.
        if (tensor.RowCount == 1 || !tensor.Name.EndsWith(".weight", StringComparison.Ordinal))
        {
            return GgmlType.F32;
        }

        if (isPure)
        {
            return Fitting(Base, tensor.RowLength);
        }

        if (tensor.Name == TensorNames.Output || (isTied && tensor.Name == TensorNames.TokenEmbedding))
        {
            return Fitting(tensor.RowLength % GgmlTypes.BlockLength(Base) == 0 ? Output : GgmlType.Q8_0, tensor.RowLength);
        }

        int layer = LayerOf(tensor.Name);
        GgmlType type = tensor.Name == TensorNames.Value(layer) ? Value(layer)
            : tensor.Name == TensorNames.AttentionOutput(layer) ? AttentionOutput
            : tensor.Name == TensorNames.Down(layer) ? Down(layer)
            : Base;
        return Fitting(type, tensor.RowLength);
    }

    // A row that is no whole number of blocks takes the format of blocks of 32 that has about as many bits, or F16.
    private static GgmlType Fitting(GgmlType type, long rowLength)
    {
        if (rowLength % GgmlTypes.BlockLength(type) == 0)
        {
            return type;
        }

        GgmlType shorter = type switch
        {
            GgmlType.Q2_K or GgmlType.Q3_K => GgmlType.Q4_0,
            GgmlType.Q4_K => GgmlType.Q5_0,
            GgmlType.Q5_K => GgmlType.Q5_1,
            GgmlType.Q6_K => GgmlType.Q8_0,
            GgmlType.IQ4_XS => GgmlType.IQ4_NL,
            _ => GgmlType.F16,
        };
        return rowLength % GgmlTypes.BlockLength(shorter) == 0 ? shorter : GgmlType.F16;
    }

    // -1 for a tensor that is of no layer.
    private static int LayerOf(string name)
        => name.Split('.') is ["blk", var number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : -1;

    // The first and the last eighth of the layers, and every third between.
    private bool UsesMoreBits(int layer)
        => layer < _layerCount / 8 || layer >= 7 * _layerCount / 8 || (layer - _layerCount / 8) % 3 == 2;
}
