namespace Llama2.Kernels;

/// <summary>
/// Where the quantized activations of a tile of eight tokens lie. For each block of 32 columns: 8 × 32 values, 8 scales, 8 sums (and 2 × 8
/// sums of 16 columns), so that a kernel reaches all tokens of a block from one address. The last tile is padded with zeros.
/// </summary>
internal ref struct ActivationTile
{
    /// <summary>Tokens in a tile.</summary>
    public const int Width = 8;

    /// <summary>Values of −127 … 127: for each block the 32 of token 0, of token 1, and so on.</summary>
    public ref sbyte Values;

    /// <summary>Bytes from a split value's high part to its low part.</summary>
    public const int SplitDistance = 32 * Width;

    /// <summary>
    /// Values in two parts of −8 … 8, so that eight products of pairs with 8-bit codes fit in 16 bits: value = 16 · high + low. For each block
    /// the high parts as in <see cref="Values"/>, then the low parts. Made for tiers that ask for it (<see cref="ITier{V}.SplitsActivations"/>).
    /// </summary>
    public ref sbyte SplitValues;

    /// <summary>What a value is worth: one a block and token.</summary>
    public ref float Scales;

    /// <summary>Sums are stored times 2^<see cref="SumShift"/>: what codes of 4 bits are off by, whose zero is 8. A shift for each token less.</summary>
    public const int SumShift = 3;

    /// <summary>The same for half blocks and the codes of 3 bits, whose zero is 4.</summary>
    public const int HalfSumShift = 2;

    /// <summary>The sum of a block's 32 values, times 2^<see cref="SumShift"/>.</summary>
    public ref int Sums;

    /// <summary>The sum of a block's 32 values, times −128: what products with 8-bit codes, whose zero is 128, lack.</summary>
    public ref int ByteCorrections;

    /// <summary>The sum of a block's 32 values, times the block's scale.</summary>
    public ref float ScaledSums;

    /// <summary>The sums of a block's first and last 16 values, times 2^<see cref="HalfSumShift"/>: 8 tokens, then 8 tokens.</summary>
    public ref int HalfSums;

    /// <summary>The sums of a block's first and last 16 values, times the block's scale.</summary>
    public ref float ScaledHalfSums;
}
