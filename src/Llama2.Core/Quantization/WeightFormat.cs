using Llama2.Quantization.Encoders;

namespace Llama2.Quantization;

/// <summary>A weight format as an object, with all operations on its rows that do not depend on the kernels. Immutable and thread-safe.</summary>
internal abstract class WeightFormat
{
    /// <summary>
    /// When a model is quantized, the format of rows whose length is not a multiple of this format's block length; it has about as many bits a
    /// weight, or is F16.
    /// </summary>
    public abstract GgmlType ShortRowType { get; }

    /// <summary>Decodes whole rows, bit for bit as GGML does.</summary>
    public abstract void Dequantize(ReadOnlySpan<byte> rows, Span<float> weights);

    /// <summary>Whether all weights of whole rows are finite.</summary>
    public abstract bool AreFinite(ReadOnlySpan<byte> rows);

    /// <summary>Creates an encoder of rows; each thread needs its own.</summary>
    public abstract RowEncoder CreateEncoder();

    /// <summary>Turns random bytes into a block of weights.</summary>
    /// <param name="block">One block of any bytes, which is changed.</param>
    /// <param name="weight">The weight, in formats whose blocks have one weight.</param>
    /// <param name="magnitude">The approximate magnitude of the weights, in formats whose blocks have several.</param>
    public abstract void MakeRandom(Span<byte> block, float weight, float magnitude);
}
