using Llama2.Conversion;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// A tensor in an adapter's file that is a copy of a tensor of the model. PEFT may store the unchanged embeddings and output matrix together with the
/// trained weights.
/// </summary>
/// <param name="BaseName">The model's tensor, as GGUF names it.</param>
/// <param name="Tensor">The copy.</param>
/// <param name="HasHuggingFaceHeads">Whether the rows belong to queries or keys and are in Hugging Face's order.</param>
internal sealed record BaseCopy(string BaseName, AdapterTensor Tensor, bool HasHuggingFaceHeads)
{
    // The limit separates two cases. Relative to the weights' magnitude, the error of 2-bit formats is 0.3, and the difference between the weights of
    // two models is 1.4.
    private const double MaxQuantizationError = 0.5;

    /// <summary>
    /// Checks that the copy has the same weights as the model's tensor. If that tensor is quantized, the difference must be small enough to be the error of the
    /// quantization.
    /// </summary>
    /// <exception cref="ModelFormatException">
    /// The copy differs from the model's tensor by more than quantization can explain, or the model does not have the tensor.
    /// </exception>
    public void RequireUnchanged(BaseTensor? model, int headLength, CancellationToken cancellationToken)
    {
        new Replacement(BaseName, Tensor).CheckShape(model);
        bool isQuantized = !FloatFormats.All.Contains(model!.Type);
        float[] expected = new float[model.RowLength], actual = new float[model.RowLength];
        double error = 0, size = 0;
        for (long row = 0; row < model.RowCount; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            model.ReadRow(row, expected);
            Tensor.ReadRow(HasHuggingFaceHeads ? HeadRows.ToHuggingFace(row, headLength) : row, actual);
            if (isQuantized)
            {
                (error, size) = (error + SquaredDistance(expected, actual), size + SquaredDistance(expected, default));
            }
            else if (!BaseTensor.AreSameRows(expected, model.Type, actual, Tensor.ReadType))
            {
                throw Changed(Invariant($"from row {row:N0} on"));
            }
        }

        // The condition is true for NaN, so NaN is refused.
        if (isQuantized && !(error <= size * MaxQuantizationError * MaxQuantizationError))
        {
            throw Changed(Invariant($"by {Math.Sqrt(error / size):P0} of its magnitude"));
        }
    }

    private static double SquaredDistance(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
        {
            double difference = first[i] - (second.IsEmpty ? 0 : second[i]);
            sum += difference * difference;
        }

        return sum;
    }

    private ModelFormatException Changed(string where) => Tensor.Fault(
        $"'{Tensor.Name}'", $"different from the model's '{BaseName}' {where}", $"its name says that it was not trained, so it was copied from another model: {PeftConfiguration.Remedy}");
}
