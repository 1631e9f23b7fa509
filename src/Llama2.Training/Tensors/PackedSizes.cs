namespace Llama2.Training.Tensors;

/// <summary>Computes how much memory a <see cref="MatrixMultiplier"/> takes for its largest products.</summary>
/// <param name="threadCount">The number of threads.</param>
internal sealed class PackedSizes(int threadCount)
{
    private long _tiles, _panels;

    /// <summary>The size in bytes.</summary>
    public long ByteSize => sizeof(float) * ((long)threadCount * MatrixMultiplier.ScratchLength + _tiles + _panels);

    /// <summary>Adds a product that will be computed; the arguments are those of <see cref="MatrixMultiplier.Multiply"/>.</summary>
    public void Add(long rowCount, long columnCount, long length)
    {
        bool isNarrow = MatrixMultiplier.IsNarrow(rowCount, columnCount);
        ref long size = ref isNarrow ? ref _panels : ref _tiles;
        long packedCount = isNarrow ? columnCount : rowCount;
        size = Math.Max(size, packedCount * Math.Min(length, MatrixMultiplier.PartLength(packedCount)));
    }

    /// <summary>Adds the products of a layer: those of the forward pass, of the input's gradient, and of the gradient of the weights if they are trained.</summary>
    public void AddLayer(long tokenCount, long outputLength, long inputLength, bool isTrained)
    {
        Add(tokenCount, outputLength, inputLength);
        Add(tokenCount, inputLength, outputLength);
        if (isTrained)
        {
            Add(outputLength, inputLength, tokenCount);
        }
    }
}
