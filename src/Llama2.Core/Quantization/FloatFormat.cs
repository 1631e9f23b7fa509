using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>The code that all unquantized formats share.</summary>
internal static class FloatFormat
{
    /// <summary>Whether all weights of whole blocks are finite.</summary>
    /// <param name="blocks">A whole number of blocks of one weight each.</param>
    /// <exception cref="ArgumentException">The bytes are not whole blocks.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreFinite<TFormat, TBits>(ReadOnlySpan<byte> blocks)
        where TFormat : struct, IFloatFormat
        where TBits : unmanaged, IBinaryInteger<TBits>
    {
        BlockFormat.CountBlocks<TFormat>(blocks);
        ReadOnlySpan<TBits> weights = MemoryMarshal.Cast<byte, TBits>(blocks);
        TBits exponent = TBits.CreateTruncating(TFormat.Exponent);
        var exponents = new Vector<TBits>(exponent);
        bool areFinite = true;
        int i = 0;
        for (; i <= weights.Length - Vector<TBits>.Count; i += Vector<TBits>.Count)
        {
            areFinite &= !Vector.EqualsAny(new Vector<TBits>(weights[i..]) & exponents, exponents);
        }

        for (; i < weights.Length; i++)
        {
            areFinite &= (weights[i] & exponent) != exponent;
        }

        return areFinite;
    }
}
