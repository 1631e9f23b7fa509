using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The memory layout of the quantized activations of a tile of eight tokens. Each block of 32 columns has 8 × 32 values, 8 scales, and 8 sums of each
/// kind (2 × 8 for sums of 16 columns). For each block, the data of the eight tokens are next to each other, so that a kernel reaches all of them
/// from one address. The last tile is padded with zeros.
/// </summary>
internal ref struct ActivationTile
{
    /// <summary>The number of tokens in a tile.</summary>
    public const int Width = 8;

    /// <summary>
    /// 1.5 · 2²³. A float with this exponent holds an integer below 2²² in its mantissa. If a sum of products begins with the bits of this number,
    /// subtracting the number at the end leaves the sum as a float, exactly. A conversion instruction would occupy an execution port that products need.
    /// </summary>
    public const float IntegerOffset = 3 << 22;

    /// <summary>Values of −127 … 127: for each block, the 32 values of token 0, then those of token 1, and so on.</summary>
    public ref sbyte Values;

    /// <summary>The distance in bytes from a split value's high part to its low part.</summary>
    public const int SplitDistance = 32 * Width;

    /// <summary>
    /// Each value split into two parts of −8 … 8: value = 16 · high + low. With such small parts, the sum of eight pairs of products with 8-bit codes
    /// fits in 16 bits. For each block, the high parts come first, arranged as in <see cref="Values"/>, then the low parts. Computed only for tiers
    /// that need them (<see cref="ITier{V}.SplitsActivations"/>).
    /// </summary>
    public ref sbyte SplitValues;

    /// <summary>
    /// The scales of the values: one for each block and token. In products with formats whose groups have scales of their own, they are powers of two
    /// (<see cref="IScales.HasPowerOfTwoActivationScales"/>).
    /// </summary>
    public ref float Scales;

    /// <summary>
    /// If scales are powers of two: <see cref="IntegerOffset"/> · scale. If a sum of products is added to the bits of this number, the result, read as a float,
    /// is this number plus the sum times the scale. One subtraction then replaces a conversion and a multiplication, without any rounding.
    /// </summary>
    public ref float Bases;

    /// <summary>
    /// The correction of products with centred codes of 4 bits, in which code 8 stands for 0: the sum of a block's 32 values, times −8. A correction
    /// is stored for each code width, because loading it takes a kernel less time than shifting a common sum for each token. The corrections for codes of 4 and
    /// 5 bits are not set if scales are powers of two, because no format needs them then.
    /// </summary>
    public ref int Corrections4;

    /// <summary>The correction of products with centred codes of 5 bits: the sum of a block's 32 values, times −16.</summary>
    public ref int Corrections5;

    /// <summary>The correction of products with centred codes of 8 bits: the sum of a block's 32 values, times −128.</summary>
    public ref int Corrections8;

    /// <summary>The sum of a block's 32 values, times the block's scale.</summary>
    public ref float ScaledSums;

    /// <summary>
    /// The numbers to add to products with centred codes of 3 bits. For each of the 8 tokens, the bits of its base plus the correction, which is the sum
    /// of a block's first 16 values, times −4; then for each token the same for the last 16 values. Set only if scales are powers of two.
    /// </summary>
    public ref int HalfStarts3;

    /// <summary>The numbers to add to products with centred codes of 6 bits: as <see cref="HalfStarts3"/>, but times −32.</summary>
    public ref int HalfStarts6;

    /// <summary>
    /// For each of the 8 tokens, the sum of a block's first 16 values, times the block's scale; then for each token the same for the last 16 values.
    /// Set only if scales are powers of two.
    /// </summary>
    public ref float ScaledHalfSums;

    /// <summary>Whether the numbers that are added to a format's products contain the bases: in formats with centred groups of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasStarts<TScales>()
        where TScales : struct, IScales
        => TScales.GroupsPerBlock == 2 && !TScales.HasOffset;

    /// <summary>
    /// What <see cref="PanelKernel{TCodes, TScales, TTier, V}"/> multiplies or subtracts: for formats with centred groups of 16 the bases, and for the
    /// others the scales. Groups of 32 are as fast with scales, and with 256-bit registers faster, because there a base is loaded twice.
    /// </summary>
    public readonly ref float Factors<TScales>()
        where TScales : struct, IScales
        => ref HasStarts<TScales>() ? ref Bases : ref Scales;

    /// <summary>
    /// The corrections of products with a format's codes; with two groups in a block, the numbers that contain the bases too. For formats with offsets,
    /// which need no corrections, the result has no meaning.
    /// </summary>
    public readonly ref int Corrections<TCodes, TScales>()
        where TCodes : struct, ICodes
        where TScales : struct, IScales
    {
        if (TScales.GroupsPerBlock == 2)
        {
            return ref TCodes.Bits == 3 ? ref HalfStarts3 : ref HalfStarts6;
        }

        if (TCodes.Bits == 4)
        {
            return ref Corrections4;
        }

        return ref TCodes.Bits == 5 ? ref Corrections5 : ref Corrections8;
    }
}
