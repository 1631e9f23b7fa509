using System.Numerics.Tensors;
using Llama2.Formats;
using Llama2.Quantization;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>Checks that a model is the one from which another was quantized.</summary>
internal static class OriginalModel
{
    // Q2_K, the coarsest format, changes weights by 30 to 40 % of their magnitude. Weights of unrelated models differ by more than 100 %.
    private const double LargestDifference = 0.6;

    private const int ComparedRowCount = 3;

    /// <summary>Compares the vocabularies, the shapes, and some rows of each matrix.</summary>
    /// <param name="original">The model that is said to be the original.</param>
    /// <param name="quantized">The quantized model.</param>
    /// <exception cref="ModelFormatException">The model is another one.</exception>
    public static void Require(IModelFile original, IModelFile quantized)
    {
        if (!GgufVocabularyReader.Read(original).Pieces.ToArray().SequenceEqual(GgufVocabularyReader.Read(quantized).Pieces.ToArray()))
        {
            throw Fault(original, quantized, null, "the vocabulary", "other tokens");
        }

        foreach (TensorDescription tensor in quantized.Tensors.Where(tensor => tensor.Dimensions.Count == 2))
        {
            if (!original.TryGetTensor(tensor.Name, out TensorDescription? other) || other.RowLength != tensor.RowLength || other.RowCount != tensor.RowCount)
            {
                throw Fault(original, quantized, other?.EntryOffset, $"tensor '{tensor.Name}'", other is null ? "missing" : Invariant($"{other.RowLength:N0} × {other.RowCount:N0}"));
            }

            double difference = Difference(original, other, quantized, tensor);
            if (!(difference < LargestDifference))
            {
                throw Fault(original, quantized, other.EntryOffset, $"tensor '{tensor.Name}'", Invariant($"a difference of {difference:P0}"));
            }
        }
    }

    private static double Difference(IModelFile original, TensorDescription originalTensor, IModelFile quantized, TensorDescription quantizedTensor)
    {
        float[] exact = new float[originalTensor.RowLength], rounded = new float[exact.Length];
        double squares = 0, errors = 0;
        for (int i = 0; i < ComparedRowCount; i++)
        {
            long row = (originalTensor.RowCount - 1) * i / (ComparedRowCount - 1);
            ReadRow(original, originalTensor, row, exact);
            ReadRow(quantized, quantizedTensor, row, rounded);
            squares += TensorPrimitives.SumOfSquares<float>(exact);
            TensorPrimitives.Subtract<float>(rounded, exact, rounded);
            errors += TensorPrimitives.SumOfSquares<float>(rounded);
        }

        return errors == 0 ? 0 : Math.Sqrt(errors / squares);
    }

    private static void ReadRow(IModelFile file, TensorDescription tensor, long row, float[] weights)
    {
        byte[] bytes = new byte[tensor.RowByteSize];
        file.Read(tensor, row * tensor.RowByteSize, bytes);
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
    }

    private static ModelFormatException Fault(IModelFile original, IModelFile quantized, long? offset, string what, string value) => new(
        original.Path, offset, what, value, $"it must be the original from which '{quantized.Path}' was quantized; merge into the model itself, or name its original");
}
