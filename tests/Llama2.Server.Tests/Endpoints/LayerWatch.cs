using Llama2.Tensors;

namespace Llama2.Server.Tests.Endpoints;

/// <summary>The query matrix of a layer, which reports when the layer begins to multiply with it.</summary>
/// <param name="matrix">The matrix; it is disposed with this one.</param>
/// <param name="layer">The layer's index.</param>
/// <param name="onMultiply">Is told the index, several times for each pass, on the threads that compute.</param>
internal sealed class LayerWatch(WeightMatrix matrix, int layer, Action<int> onMultiply) : WeightMatrix(matrix.Type, matrix.RowCount, matrix.ColumnCount)
{
    public override long ByteSize => matrix.ByteSize;

    public override bool IsQuantized => matrix.IsQuantized;

    public override bool SplitsActivations => matrix.SplitsActivations;

    public override bool TryFill(int panel, ReadOnlySpan<byte> rows) => matrix.TryFill(panel, rows);

    public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
    {
        onMultiply(layer);
        matrix.Multiply(startPanel, endPanel, input, startToken, endToken, output, accumulate);
    }

    public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights) => matrix.Decode(panel, startColumn, columnCount, weights);

    public override void Dispose() => matrix.Dispose();
}
