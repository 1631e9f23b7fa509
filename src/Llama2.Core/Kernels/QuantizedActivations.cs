using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Llama2.Memory;

namespace Llama2.Kernels;

/// <summary>
/// Activations of many tokens as signed bytes with one scale per 32 columns, in the layout of <see cref="ActivationTile"/>. For the formats whose groups
/// have scales of their own (K-quants and IQ4_XS), these scales are powers of two. Other engines use one scale per 256 columns there, with which the
/// error is larger.
/// </summary>
internal sealed class QuantizedActivations : IDisposable
{
    private const int BlockLength = 32;

    // Above this power of two, a base would be infinite. Below the smallest one, its product with a weight's scale could be subnormal, and rounded.
    private const int MinExponent = -80, MaxExponent = 104;
    private readonly int _blockCount;
    private readonly bool _powersOfTwo;
    private readonly AlignedBuffer<sbyte> _values;
    private readonly AlignedBuffer<sbyte> _splitValues;
    private readonly AlignedBuffer<float> _scales;
    private readonly AlignedBuffer<float> _bases;
    private readonly AlignedBuffer<int> _corrections4;
    private readonly AlignedBuffer<int> _corrections5;
    private readonly AlignedBuffer<int> _corrections8;
    private readonly AlignedBuffer<float> _scaledSums;
    private readonly AlignedBuffer<int> _halfStarts3;
    private readonly AlignedBuffer<int> _halfStarts6;
    private readonly AlignedBuffer<float> _scaledHalfSums;

    /// <summary>Allocates memory for <paramref name="tokenCapacity"/> tokens; each has <paramref name="width"/> columns, which must be a multiple of 32.</summary>
    /// <param name="tokenCapacity">The number of tokens.</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="powersOfTwo">Whether scales are powers of two.</param>
    public QuantizedActivations(int tokenCapacity, int width, bool powersOfTwo)
    {
        _powersOfTwo = powersOfTwo;
        _blockCount = width / BlockLength;
        long tileCount = (tokenCapacity + ActivationTile.Width - 1) / ActivationTile.Width;
        long blocks = tileCount * ActivationTile.Width * _blockCount;
        _values = new(blocks * BlockLength);
        _splitValues = new(2 * blocks * BlockLength);
        _scales = new(blocks);
        _bases = new(blocks);
        _corrections4 = new(blocks);
        _corrections5 = new(blocks);
        _corrections8 = new(blocks);
        _scaledSums = new(blocks);
        _halfStarts3 = new(2 * blocks);
        _halfStarts6 = new(2 * blocks);
        _scaledHalfSums = new(2 * blocks);
    }

    /// <summary>The size in bytes: for each block of 32 columns, three bytes for each column, and 48 bytes of scales, sums and corrections.</summary>
    public static long ByteSizeFor(long tokenCapacity, long width)
        => (tokenCapacity + ActivationTile.Width - 1) / ActivationTile.Width * ActivationTile.Width * (width / BlockLength) * (3 * BlockLength + 12 * sizeof(int));

    /// <summary>
    /// References into a token's tile that start at that token: for token 3 of a tile, they point to the data of token 3 instead of token 0.
    /// </summary>
    /// <param name="token">The index of the token.</param>
    /// <param name="firstBlock">The block of 32 columns at which the references start.</param>
    public ActivationTile TileFrom(int token, int firstBlock = 0)
    {
        int slot = (token / ActivationTile.Width * _blockCount + firstBlock) * ActivationTile.Width;
        int lane = token % ActivationTile.Width;
        return new ActivationTile
        {
            Values = ref Unsafe.Add(ref _values.Reference, (nint)(slot + lane) * BlockLength),
            SplitValues = ref Unsafe.Add(ref _splitValues.Reference, (nint)(2 * slot + lane) * BlockLength),
            Scales = ref Unsafe.Add(ref _scales.Reference, slot + lane),
            Bases = ref Unsafe.Add(ref _bases.Reference, slot + lane),
            Corrections4 = ref Unsafe.Add(ref _corrections4.Reference, slot + lane),
            Corrections5 = ref Unsafe.Add(ref _corrections5.Reference, slot + lane),
            Corrections8 = ref Unsafe.Add(ref _corrections8.Reference, slot + lane),
            ScaledSums = ref Unsafe.Add(ref _scaledSums.Reference, slot + lane),
            HalfStarts3 = ref Unsafe.Add(ref _halfStarts3.Reference, 2 * slot + lane),
            HalfStarts6 = ref Unsafe.Add(ref _halfStarts6.Reference, 2 * slot + lane),
            ScaledHalfSums = ref Unsafe.Add(ref _scaledHalfSums.Reference, 2 * slot + lane),
        };
    }

    /// <summary>Quantizes all activations of one token.</summary>
    /// <param name="token">The index of the token.</param>
    /// <param name="activations">One number for each column.</param>
    /// <param name="split">Whether to compute <see cref="ActivationTile.SplitValues"/> too.</param>
    public void Set(int token, ReadOnlySpan<float> activations, bool split)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(activations.Length, _blockCount * BlockLength);
        Set(token, 0, activations, split);
    }

    /// <summary>
    /// Quantizes some columns of one token's activations. Different tokens and columns may be set by different threads, but the tokens of a tile share cache
    /// lines, so threads should not write the same columns of the same tile at the same time.
    /// </summary>
    /// <param name="token">The index of the token.</param>
    /// <param name="firstColumn">The first column to set, a multiple of 32.</param>
    /// <param name="activations">One number for each column to set; a multiple of 32.</param>
    /// <param name="split">Whether to compute <see cref="ActivationTile.SplitValues"/> too.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(int token, int firstColumn, ReadOnlySpan<float> activations, bool split)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstColumn);
        ArgumentOutOfRangeException.ThrowIfNotEqual(firstColumn % BlockLength, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(activations.Length % BlockLength, 0);
        int firstBlock = firstColumn / BlockLength, blockCount = activations.Length / BlockLength;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockCount, _blockCount - firstBlock);
        ActivationTile tile = TileFrom(token);
        ref float source = ref MemoryMarshal.GetReference(activations);
        for (int block = 0; block < blockCount; block++)
        {
            int slot = (firstBlock + block) * ActivationTile.Width;
            ref float numbers = ref Unsafe.Add(ref source, block * BlockLength);
            float magnitude = Magnitude(ref numbers);
            (float scale, float inverse) = _powersOfTwo ? PowerOfTwo(magnitude) : (magnitude / 127, Inverse(magnitude));
            QuantizeBlock(ref numbers, ref Unsafe.Add(ref tile.Values, slot * BlockLength), inverse, out int firstSum, out int lastSum);
            if (split)
            {
                SplitBlock(ref Unsafe.Add(ref tile.Values, slot * BlockLength), ref Unsafe.Add(ref tile.SplitValues, 2 * slot * BlockLength));
            }

            int sum = firstSum + lastSum;
            Unsafe.Add(ref tile.Scales, slot) = scale;
            Unsafe.Add(ref tile.Corrections8, slot) = -128 * sum;
            Unsafe.Add(ref tile.ScaledSums, slot) = scale * sum;
            if (!_powersOfTwo)
            {
                Unsafe.Add(ref tile.Corrections4, slot) = -8 * sum;
                Unsafe.Add(ref tile.Corrections5, slot) = -16 * sum;
                continue;
            }

            float baseNumber = ActivationTile.IntegerOffset * scale;
            int bits = BitConverter.SingleToInt32Bits(baseNumber);
            Unsafe.Add(ref tile.Bases, slot) = baseNumber;
            Unsafe.Add(ref tile.HalfStarts3, 2 * slot) = bits - 4 * firstSum;
            Unsafe.Add(ref tile.HalfStarts3, 2 * slot + ActivationTile.Width) = bits - 4 * lastSum;
            Unsafe.Add(ref tile.HalfStarts6, 2 * slot) = bits - 32 * firstSum;
            Unsafe.Add(ref tile.HalfStarts6, 2 * slot + ActivationTile.Width) = bits - 32 * lastSum;
            Unsafe.Add(ref tile.ScaledHalfSums, 2 * slot) = scale * firstSum;
            Unsafe.Add(ref tile.ScaledHalfSums, 2 * slot + ActivationTile.Width) = scale * lastSum;
        }
    }

    public void Dispose()
    {
        _values.Dispose();
        _splitValues.Dispose();
        _scales.Dispose();
        _bases.Dispose();
        _corrections4.Dispose();
        _corrections5.Dispose();
        _corrections8.Dispose();
        _scaledSums.Dispose();
        _halfStarts3.Dispose();
        _halfStarts6.Dispose();
        _scaledHalfSums.Dispose();
    }

    // Magnitudes are compared as integers, in which NaN is above infinity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Magnitude(ref float source)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<int> first = Vector512.Abs(Vector512.LoadUnsafe(ref source)).AsInt32(), last = Vector512.Abs(Vector512.LoadUnsafe(ref source, 16)).AsInt32();
            Vector512<int> largest512 = Vector512.Max(first, last);
            Vector256<int> largest256 = Vector256.Max(largest512.GetLower(), largest512.GetUpper());
            return LargestOf(Vector128.Max(largest256.GetLower(), largest256.GetUpper()));
        }

        Vector128<int> largest = Vector128<int>.Zero;
        for (int i = 0; i < BlockLength; i += 4)
        {
            largest = Vector128.Max(largest, Vector128.Abs(Vector128.LoadUnsafe(ref source, (nuint)i)).AsInt32());
        }

        return LargestOf(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LargestOf(Vector128<int> numbers)
    {
        numbers = Vector128.Max(numbers, Vector128.Shuffle(numbers, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(numbers, Vector128.Shuffle(numbers, Vector128.Create(1, 0, 3, 2))).AsSingle().ToScalar();
    }

    // With 128-bit registers, quantizing the activations would take 4 % of the time of a prompt. Products of bytes and ones add up four codes at a time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuantizeBlock(ref float source, ref sbyte values, float inverse, out int firstSum, out int lastSum)
    {
        if (!Avx512F.IsSupported)
        {
            firstSum = QuantizeHalf(ref source, ref values, Vector128.Create(inverse));
            lastSum = QuantizeHalf(ref Unsafe.Add(ref source, 16), ref Unsafe.Add(ref values, 16), Vector128.Create(inverse));
            return;
        }

        Vector512<float> first = Vector512.LoadUnsafe(ref source) * inverse, last = Vector512.LoadUnsafe(ref source, 16) * inverse;
        var codes = Vector256.Create(
            Avx512F.ConvertToVector128SByte(Avx512F.ConvertToVector512Int32(first)), Avx512F.ConvertToVector128SByte(Avx512F.ConvertToVector512Int32(last)));
        codes.StoreUnsafe(ref values);
        Vector256<int> fours = Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256<byte>.One, codes), Vector256<short>.One);
        Vector128<int> pairs = Ssse3.HorizontalAdd(fours.GetLower(), fours.GetUpper()), sums = Ssse3.HorizontalAdd(pairs, pairs);
        firstSum = sums[0];
        lastSum = sums[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitBlock(ref sbyte values, ref sbyte split)
    {
        for (nuint i = 0; i < BlockLength; i += (nuint)Vector128<sbyte>.Count)
        {
            Vector128<sbyte> value = Vector128.LoadUnsafe(ref values, i);
            // Computes a sixteenth of each value, rounded to nearest; the remainder is −8 … 7.
            Vector128<sbyte> high = (value >> 4) + (value >> 3 & Vector128<sbyte>.One);
            high.StoreUnsafe(ref split, i);
            (value - (high << 4)).StoreUnsafe(ref split, i + ActivationTile.SplitDistance);
        }
    }

    // The smallest power of two with which the largest magnitude becomes at most 127, and its inverse. No activation of a working model exceeds 127 · 2¹⁰⁴,
    // which is 2.6e33; the scale of such a block is NaN, like that of a block with a NaN or an infinity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Scale, float Inverse) PowerOfTwo(float magnitude)
    {
        uint exponent = Math.Max(127 + MinExponent, BitConverter.SingleToUInt32Bits(magnitude / 127) + 0x7fffff >> 23);
        return exponent > 127 + MaxExponent
            ? (float.NaN, 0)
            : (BitConverter.UInt32BitsToSingle(exponent << 23), BitConverter.UInt32BitsToSingle(254 - exponent << 23));
    }

    // If the largest magnitude is below 4e-37, the quotient would be infinite; such a block is treated as zero.
    private static float Inverse(float magnitude)
    {
        float quotient = 127 / magnitude;
        return float.IsFinite(quotient) ? quotient : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int QuantizeHalf(ref float source, ref sbyte values, Vector128<float> inverse)
    {
        Vector128<int> q0 = Round(ref source, 0, inverse), q1 = Round(ref source, 4, inverse);
        Vector128<int> q2 = Round(ref source, 8, inverse), q3 = Round(ref source, 12, inverse);
        Vector128.Narrow(Vector128.Narrow(q0, q1), Vector128.Narrow(q2, q3)).StoreUnsafe(ref values);
        return Vector128.Sum(q0 + q1 + (q2 + q3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Round(ref float source, nuint offset, Vector128<float> inverse)
        => Vector128.ConvertToInt32(Vector128.Round(Vector128.LoadUnsafe(ref source, offset) * inverse));
}
