using System.Numerics.Tensors;
using Llama2.Conversion;
using Llama2.Quantization;

namespace Llama2.Adapters;

/// <summary>
/// Measures which part of the adapters' change survives when a merged matrix is encoded, and rounds the weights so that more of it survives.
/// </summary>
/// <remarks>
/// The weights of a quantized model lie on the points that their format can represent. Fine-tuning changes each weight by a small part of the distance
/// to the next point, so rounding to the nearest point takes nearly all weights back to where they were, and the change is lost. Where the weights are
/// not on such points, because the original model was not quantized, the rounding errors are independent of the change, and the change survives.
/// <see cref="AdapterRounding"/> rounds weights that are on such points.
/// </remarks>
/// <param name="tensor">The merged matrix.</param>
/// <param name="type">The type in which it is encoded.</param>
/// <param name="changesCodes">Whether to change the codes; otherwise the change is only measured.</param>
internal sealed class MergedRounding(MergedTensor tensor, GgmlType type, bool changesCodes) : IRowRounding
{
    private readonly RowCodes? _codes = changesCodes ? WeightFormats.Of(type).Codes : null;
    private readonly AdapterDirections? _directions = changesCodes ? tensor.Directions() : null;
    private readonly double[] _survived = new double[tensor.Description.RowCount];
    private readonly double[] _wanted = new double[tensor.Description.RowCount];

    /// <summary>The tensor's name.</summary>
    public string Name => tensor.Description.Name;

    /// <summary>The type in which the tensor is encoded.</summary>
    public GgmlType Type => type;

    /// <summary>The sum of the products of the change that was made and the change that was wanted. The order of the sum is fixed.</summary>
    public double Survived => _survived.Sum();

    /// <summary>The sum of the squares of the change that was wanted.</summary>
    public double Wanted => _wanted.Sum();

    public void Round(long row, ReadOnlySpan<float> weights, Span<byte> encoded)
    {
        using var buffers = new RowChange(weights.Length);
        tensor.ReadChange(row, buffers.Change);
        double wanted = TensorPrimitives.Dot<float>(buffers.Change, buffers.Change);
        if (wanted == 0)
        {
            return;
        }

        WeightFormats.Dequantize(type, encoded, buffers.Decoded);
        if (_codes is not null)
        {
            _codes.Unpack(encoded, buffers.Codes, buffers.Scales);
            new AdapterRounding(_codes, _directions!, weights, buffers).Run();
            _codes.Replace(buffers.Codes, encoded);
            WeightFormats.Dequantize(type, encoded, buffers.Decoded);
        }

        _wanted[row] = wanted;
        _survived[row] = SurvivingProduct(weights, buffers);
    }

    // The product of the change and of what was added to the model's weights.
    private static double SurvivingProduct(ReadOnlySpan<float> weights, RowChange buffers)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += (double)buffers.Change[i] * (buffers.Decoded[i] - ((double)weights[i] - buffers.Change[i]));
        }

        return sum;
    }
}
