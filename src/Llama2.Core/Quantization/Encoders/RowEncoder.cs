namespace Llama2.Quantization.Encoders;

/// <summary>Encodes rows of weights in one format. Holds scratch memory, so each thread has its own.</summary>
internal abstract class RowEncoder
{
    /// <summary>Encodes one row.</summary>
    /// <param name="row">Finite weights, a whole number of blocks.</param>
    /// <param name="importance">The importance of each column's errors, finite and 0 or more; empty if all are equal.</param>
    /// <param name="blocks">Receives the row's blocks, exactly as many bytes as the blocks take.</param>
    /// <returns>False if a weight, or a scale, is too large for the format.</returns>
    public abstract bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks);
}
