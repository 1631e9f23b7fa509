using Llama2.Quantization.Encoders;

namespace Llama2.Quantization;

/// <summary>
/// A weight format as an object, with all operations on rows in this format except those of the kernels. Immutable and thread-safe.
/// </summary>
internal abstract class WeightFormat
{
    /// <summary>
    /// The format that replaces this one, when a model is quantized, for rows whose length is not a multiple of this format's block length. It has
    /// about as many bits per weight, or is F16.
    /// </summary>
    public abstract GgmlType ShortRowType { get; }

    /// <summary>Decodes whole rows, bit for bit as GGML does.</summary>
    public abstract void Dequantize(ReadOnlySpan<byte> rows, Span<float> weights);

    /// <summary>Whether all weights of whole rows are finite.</summary>
    public abstract bool AreFinite(ReadOnlySpan<byte> rows);

    /// <summary>The access to the codes of encoded rows; null for formats without blocks, whose weights are numbers of their own.</summary>
    public abstract RowCodes? Codes { get; }

    /// <summary>Creates an encoder of rows. Each thread needs an encoder of its own.</summary>
    public abstract RowEncoder CreateEncoder();

    /// <summary>Turns random bytes into a block of weights.</summary>
    /// <param name="block">Receives the block; contains random bytes when the method is called.</param>
    /// <param name="weight">The weight to write, in formats whose blocks have one weight; otherwise ignored.</param>
    /// <param name="magnitude">The approximate magnitude of the weights, in formats whose blocks have several weights; otherwise ignored.</param>
    public abstract void MakeRandom(Span<byte> block, float weight, float magnitude);
}
