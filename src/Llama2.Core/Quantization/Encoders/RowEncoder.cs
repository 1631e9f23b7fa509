namespace Llama2.Quantization.Encoders;

/// <summary>Encodes rows of weights in one format. It has buffers of its own, so each thread needs its own encoder.</summary>
internal abstract class RowEncoder
{
    /// <summary>Encodes one row.</summary>
    /// <param name="row">The weights of the row, all finite; a whole number of blocks.</param>
    /// <param name="importance">The importance of errors in each column, finite and 0 or more; empty if all columns are equally important.</param>
    /// <param name="blocks">Receives the row's blocks, exactly as many bytes as the blocks take.</param>
    /// <returns>True if the row was encoded; false if a weight or a scale is too large for the format.</returns>
    public abstract bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks);
}
