using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Adapters;

/// <summary>A tensor of the model for which an adapter was made, read row by row.</summary>
/// <param name="Type">The type in which the model stores the tensor.</param>
/// <param name="RowCount">The number of rows; 1 for a vector.</param>
/// <param name="RowLength">The number of weights in a row.</param>
/// <param name="ReadRow">Reads the row with a given index (the rows are in GGUF's order) into an array of <paramref name="RowLength"/> weights.</param>
internal sealed record BaseTensor(GgmlType Type, long RowCount, long RowLength, Action<long, float[]> ReadRow)
{
    /// <summary>
    /// Finds a tensor of a loaded model; returns null if the model does not have it. An output matrix that is tied to the embeddings is also found by
    /// its own name.
    /// </summary>
    public static BaseTensor? Find(LlamaWeights weights, ModelConfiguration configuration, string name)
    {
        if (name == LlamaTensors.TokenEmbedding.Name())
        {
            EmbeddingTable table = weights.TokenEmbedding;
            return new BaseTensor(table.Type, configuration.VocabularySize, configuration.EmbeddingLength, (row, destination) => table.Read((int)row, destination));
        }

        if (name == LlamaTensors.Output.Name())
        {
            return Of(weights.Output);
        }

        return weights.NamedMatrices().FirstOrDefault(pair => pair.Name == name).Matrix is { } matrix ? Of(matrix)
            : weights.NamedNorms().FirstOrDefault(pair => pair.Name == name).Weights is { } norm ? new BaseTensor(GgmlType.F32, 1, norm.Length, (_, destination) => norm.CopyTo(destination, 0))
            : null;
    }

    /// <summary>
    /// Whether a row of a copy has the same numbers as a row of a model's tensor, or becomes equal when the numbers of one of them are rounded to the
    /// type of the other.
    /// </summary>
    /// <param name="own">The row of the model's tensor.</param>
    /// <param name="type">The type of the model's tensor.</param>
    /// <param name="copy">The row of the copy.</param>
    /// <param name="copyType">The type of the copy, which is not quantized.</param>
    public static bool AreSameRows(ReadOnlySpan<float> own, GgmlType type, ReadOnlySpan<float> copy, GgmlType copyType) =>
        own.SequenceEqual(copy)
        || Round(own, copyType).AsSpan().SequenceEqual(copy)
        || (FloatFormats.All.Contains(type) && Round(copy, type).AsSpan().SequenceEqual(own));

    /// <summary>Finds a tensor in a model's file by the same rules as in a loaded model; returns null if the file does not have it.</summary>
    public static BaseTensor? Find(IModelFile file, string name)
    {
        if (!file.TryGetTensor(name, out TensorDescription? tensor) && !(name == LlamaTensors.Output.Name() && file.TryGetTensor(LlamaTensors.TokenEmbedding.Name(), out tensor)))
        {
            return null;
        }

        byte[] bytes = new byte[tensor.RowByteSize];
        return new BaseTensor(tensor.Type, tensor.RowCount, tensor.RowLength, (row, destination) =>
        {
            file.Read(tensor, row * tensor.RowByteSize, bytes);
            WeightFormats.Dequantize(tensor.Type, bytes, destination);
        });
    }

    private static float[] Round(ReadOnlySpan<float> weights, GgmlType type)
    {
        byte[] bytes = new byte[weights.Length * GgmlTypes.BlockByteSize(type)];
        float[] rounded = new float[weights.Length];
        // Numbers that are too large become infinities, which differ from the numbers of the copy.
        WeightFormats.Of(type).CreateEncoder().TryEncode(weights, importance: [], bytes);
        WeightFormats.Dequantize(type, bytes, rounded);
        return rounded;
    }

    // A panel is decoded once for all of its rows, which are read one after the other.
    private static BaseTensor Of(WeightMatrix matrix)
    {
        float[] panel = new float[WeightMatrix.PanelRowCount * matrix.ColumnCount];
        int decoded = -1;
        return new BaseTensor(matrix.Type, matrix.RowCount, matrix.ColumnCount, (row, destination) =>
        {
            (int index, int rowInPanel) = ((int)row / WeightMatrix.PanelRowCount, (int)row % WeightMatrix.PanelRowCount);
            if (index != decoded)
            {
                matrix.Decode(index, 0, matrix.ColumnCount, panel);
                decoded = index;
            }

            for (int column = 0; column < destination.Length; column++)
            {
                destination[column] = panel[column * WeightMatrix.PanelRowCount + rowInPanel];
            }
        });
    }
}
