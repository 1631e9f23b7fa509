namespace Llama2.Quantization;

/// <summary>Reads and replaces the codes of encoded rows, and leaves their scales as they are. Immutable and thread-safe.</summary>
internal abstract class RowCodes
{
    /// <summary>Unpacks a row.</summary>
    /// <param name="row">A whole number of blocks.</param>
    /// <param name="codes">Receives the code of each weight.</param>
    /// <param name="scales">Receives, for each weight, the number by which the weight grows when its code grows by 1; it may be negative or 0.</param>
    public abstract void Unpack(ReadOnlySpan<byte> row, Span<byte> codes, Span<float> scales);

    /// <summary>Replaces the codes of a row.</summary>
    /// <param name="codes">The code of each weight; each must be a code of the format.</param>
    /// <param name="row">The row, a whole number of blocks.</param>
    public abstract void Replace(ReadOnlySpan<byte> codes, Span<byte> row);

    /// <summary>The next greater or smaller code of the format; the code itself if there is none.</summary>
    /// <param name="code">A code of the format.</param>
    /// <param name="isGreater">Whether the next greater code is meant.</param>
    public abstract byte Neighbor(byte code, bool isGreater);
}
