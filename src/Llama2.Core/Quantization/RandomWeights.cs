namespace Llama2.Quantization;

/// <summary>Creates random weights of approximately a given magnitude, in any format, for benchmarks.</summary>
internal static class RandomWeights
{
    /// <summary>Fills whole blocks.</summary>
    /// <param name="type">The format.</param>
    /// <param name="magnitude">The approximate magnitude of the weights.</param>
    /// <param name="isNorm">Whether the weights belong to a norm. Such weights are set to 1 in formats whose blocks have one weight.</param>
    /// <param name="blocks">A whole number of blocks.</param>
    /// <param name="random">The source of random numbers.</param>
    public static void Fill(GgmlType type, float magnitude, bool isNorm, Span<byte> blocks, Random random)
    {
        random.NextBytes(blocks);
        WeightFormat format = WeightFormats.Of(type);
        int byteSize = GgmlTypes.BlockByteSize(type);
        for (int start = 0; start < blocks.Length; start += byteSize)
        {
            float weight = isNorm ? 1 : magnitude * 2 * (random.NextSingle() - 0.5f);
            format.MakeRandom(blocks.Slice(start, byteSize), weight, magnitude);
        }
    }
}
