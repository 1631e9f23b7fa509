using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Quantization;

namespace Llama2.Model;

/// <summary>
/// Determines the format of each tensor in a model whose quantization has a name such as Q4_K_M. As in llama.cpp (llama-quant.cpp), most tensors get
/// the format that the name states, and the matrices that suffer most from quantization get formats with more bits.
/// </summary>
internal sealed class QuantizationMix
{
    private readonly TensorRoles _tensors;
    private readonly ModelQuantization _quantization;
    private readonly int _layerCount;
    private readonly long _groupSize;
    private readonly bool _isSeventyBillion;
    private readonly bool _hasImportance;

    /// <param name="quantization">The mix.</param>
    /// <param name="tensors">The tensors of the model's architecture.</param>
    /// <param name="dimensions">The model's dimensions.</param>
    /// <param name="hasImportance">Whether an importance matrix is used, which makes some of the extra bits unnecessary.</param>
    public QuantizationMix(ModelQuantization quantization, TensorRoles tensors, ModelDimensions dimensions, bool hasImportance = false)
    {
        _tensors = tensors;
        _quantization = quantization;
        _layerCount = dimensions.LayerCount;
        _groupSize = dimensions.HeadCount / dimensions.KeyValueHeadCount;
        _hasImportance = hasImportance;
        // Llama 2 70B, recognised by its number of layers. Its value matrices have an eighth of the size of the query matrices, so more bits cost
        // very little.
        _isSeventyBillion = dimensions.LayerCount == 80 && dimensions.HeadCount != dimensions.KeyValueHeadCount;
        Base = quantization.BaseType();
    }

    /// <summary>The format of all tensors without a special rule.</summary>
    public GgmlType Base { get; }

    /// <summary>Whether the mix has so few bits per weight (two) that it needs an importance matrix.</summary>
    public bool NeedsImportance => _quantization == ModelQuantization.Q2_K_S;

    // The output matrix is Q6_K in every quantization below Q8_0.
    private GgmlType Output => !_quantization.IsUnquantized() && Base != GgmlType.Q8_0 ? GgmlType.Q6_K : Base;

    private GgmlType AttentionOutput => _quantization switch
    {
        ModelQuantization.Q2_K => GgmlType.Q3_K,
        ModelQuantization.Q3_K_M => GgmlType.Q4_K,
        ModelQuantization.Q3_K_L => GgmlType.Q5_K,
        _ => Base,
    };

    /// <summary>The format of a tensor, provided that each of its rows is a whole number of blocks and that the model has an output matrix.</summary>
    /// <param name="role">The role of the tensor.</param>
    /// <param name="layer">The index of its layer.</param>
    public GgmlType TypeOf(TensorRole role, int layer) => TypeOf(role.Mix, layer);

    /// <summary>
    /// The format of a tensor of a file, chosen by the tensor's name. If a row of the tensor is not a whole number of blocks of that format, a
    /// format with shorter blocks is chosen.
    /// </summary>
    /// <param name="tensor">The tensor in its present format.</param>
    /// <param name="isTied">Whether the model has no output matrix of its own, so that the token embeddings serve as the output matrix.</param>
    /// <param name="isPure">Whether all matrices get the format <see cref="Base"/>.</param>
    public GgmlType TypeOf(TensorDescription tensor, bool isTied, bool isPure = false)
    {
        // Norms and other vectors take almost no memory, and converters write them in F32.
        if (tensor.RowCount == 1 || !tensor.Name.EndsWith(".weight", StringComparison.Ordinal))
        {
            return GgmlType.F32;
        }

        if (isPure)
        {
            return Fitting(Base, tensor.RowLength);
        }

        (TensorRole? role, int layer) = _tensors.Find(NameSpace.Gguf, tensor.Name) ?? default;
        MixRule rule = role?.Mix ?? MixRule.Base;
        if (rule == MixRule.Output || (rule == MixRule.TokenEmbedding && isTied))
        {
            return Fitting(tensor.RowLength % GgmlTypes.BlockLength(Base) == 0 ? Output : GgmlType.Q8_0, tensor.RowLength);
        }

        return Fitting(TypeOf(rule, layer), tensor.RowLength);
    }

    // If a row is not a whole number of blocks, the result is a format with blocks of 32 that has about as many bits per weight. If blocks of 32 do not fit
    // either, the result is F16.
    private static GgmlType Fitting(GgmlType type, long rowLength)
    {
        if (rowLength % GgmlTypes.BlockLength(type) == 0)
        {
            return type;
        }

        GgmlType shorter = WeightFormats.Of(type).ShortRowType;
        return rowLength % GgmlTypes.BlockLength(shorter) == 0 ? shorter : GgmlType.F16;
    }

    private GgmlType TypeOf(MixRule rule, int layer) => rule switch
    {
        MixRule.Vector => GgmlType.F32,
        MixRule.Output => Output,
        MixRule.Value => Value(layer),
        MixRule.AttentionOutput => AttentionOutput,
        MixRule.Down => Down(layer),
        _ => Base,
    };

    private GgmlType Value(int layer)
    {
        GgmlType type = _quantization switch
        {
            ModelQuantization.Q2_K => _groupSize >= 4 ? GgmlType.Q4_K : GgmlType.Q3_K,
            ModelQuantization.Q2_K_S when _groupSize >= 4 => GgmlType.Q4_K,
            ModelQuantization.Q3_K_M => layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K,
            ModelQuantization.Q3_K_L => GgmlType.Q5_K,
            ModelQuantization.Q4_K_S when layer < 4 => GgmlType.Q5_K,
            ModelQuantization.Q4_K_M or ModelQuantization.Q5_K_M when UsesMoreBits(layer) => GgmlType.Q6_K,
            ModelQuantization.IQ4_NL or ModelQuantization.IQ4_XS when _groupSize >= 4 => GgmlType.Q5_K,
            _ => Base,
        };
        return _isSeventyBillion && type is GgmlType.Q3_K or GgmlType.Q4_K ? GgmlType.Q5_K : type;
    }

    private GgmlType Down(int layer) => _quantization switch
    {
        ModelQuantization.Q2_K => GgmlType.Q3_K,
        ModelQuantization.Q2_K_S when layer < _layerCount / 8 => GgmlType.Q4_K,
        ModelQuantization.Q3_K_M => layer < _layerCount / 16 ? GgmlType.Q5_K : GgmlType.Q4_K,
        ModelQuantization.Q3_K_L => GgmlType.Q5_K,
        ModelQuantization.Q4_K_S when layer < _layerCount / 8 => GgmlType.Q5_K,
        ModelQuantization.Q4_K_M or ModelQuantization.Q5_K_M when UsesMoreBits(layer) => GgmlType.Q6_K,
        ModelQuantization.IQ4_NL or ModelQuantization.IQ4_XS when layer < _layerCount / 8 && !_hasImportance => GgmlType.Q5_K,
        ModelQuantization.Q4_0 when layer < _layerCount / 8 && _hasImportance => GgmlType.Q4_1,
        ModelQuantization.Q5_0 when layer < _layerCount / 8 && _hasImportance => GgmlType.Q5_1,
        _ => Base,
    };

    // Whether the mix uses more bits in this layer. It does so in the first and the last eighth of the layers, and in every third layer between them.
    private bool UsesMoreBits(int layer)
        => layer < _layerCount / 8 || layer >= 7 * _layerCount / 8 || (layer - _layerCount / 8) % 3 == 2;
}
