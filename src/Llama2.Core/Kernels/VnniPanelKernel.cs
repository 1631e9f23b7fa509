using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<byte>;

namespace Llama2.Kernels;

/// <summary>
/// The matrix kernel for many tokens, 8-bit codes and AVX-VNNI, whose <c>vpdpbusd</c> adds products to sums of 32 bits.
/// <see cref="PanelKernel{TCodes, TScales, TTier, V}"/> keeps a block's codes in registers and iterates over tokens; this kernel keeps the sums of 16
/// rows and four tokens in registers and iterates over codes. An activation is loaded once for two products, and no product waits for the previous
/// one. The two execution ports that compute products do almost nothing else. Both kernels give the same results, bit for bit. Used for formats with
/// centred codes and one scale for each block.
/// </summary>
internal static class VnniPanelKernel<TCodes>
    where TCodes : struct, ICodes
{
    private const int RowCount = 16;

    // A float with the exponent of this number holds an integer below 2²² in its mantissa. Sums of products start with the bits of this number, and
    // subtracting it at the end leaves the exact sum as a float. A conversion instruction would occupy a port that products need.
    private const float IntegerOffset = 3 << 22;

    /// <summary>Writes or adds the products of all rows of a panel.</summary>
    /// <param name="codes">The panel's codes.</param>
    /// <param name="scales">The panel's scales: 16 for each block.</param>
    /// <param name="x">The tile's activations, starting with those of the first token whose results are computed.</param>
    /// <param name="blockCount">The number of blocks in a row.</param>
    /// <param name="tokenCount">The number of tokens whose results are computed, at most four.</param>
    /// <param name="output">Where the results go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ref byte codes, ref float scales, in ActivationTile x, int blockCount, int tokenCount, PanelOutput output)
    {
        ref sbyte values = ref x.Values;
        ref float factors = ref x.Scales;
        ref int corrections = ref x.Corrections8;
        Vector256<float> lower0 = default, lower1 = default, lower2 = default, lower3 = default;
        Vector256<float> upper0 = default, upper1 = default, upper2 = default, upper3 = default;
        for (; blockCount > 0; blockCount--)
        {
            Vector256<int> l0 = Start(ref corrections, 0), l1 = Start(ref corrections, 1), l2 = Start(ref corrections, 2), l3 = Start(ref corrections, 3);
            Vector256<int> u0 = l0, u1 = l1, u2 = l2, u3 = l3;
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 0);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 1);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 2);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 3);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 4);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 5);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 6);
            AddVector(ref l0, ref l1, ref l2, ref l3, ref u0, ref u1, ref u2, ref u3, ref codes, ref values, 7);
            Vector256<float> lower = Vector256.LoadUnsafe(ref scales), upper = Vector256.LoadUnsafe(ref scales, 8);
            AddToken(ref lower0, ref upper0, l0, u0, lower, upper, ref factors, 0);
            AddToken(ref lower1, ref upper1, l1, u1, lower, upper, ref factors, 1);
            AddToken(ref lower2, ref upper2, l2, u2, lower, upper, ref factors, 2);
            AddToken(ref lower3, ref upper3, l3, u3, lower, upper, ref factors, 3);
            codes = ref Unsafe.Add(ref codes, TCodes.BlockByteSize);
            scales = ref Unsafe.Add(ref scales, RowCount);
            values = ref Unsafe.Add(ref values, 32 * ActivationTile.Width);
            factors = ref Unsafe.Add(ref factors, ActivationTile.Width);
            corrections = ref Unsafe.Add(ref corrections, ActivationTile.Width);
        }

        Write(output, lower0, upper0, 0, tokenCount);
        Write(output, lower1, upper1, 1, tokenCount);
        Write(output, lower2, upper2, 2, tokenCount);
        Write(output, lower3, upper3, 3, tokenCount);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Start(ref int corrections, int token)
        => Vector256.Create(IntegerOffset).AsInt32() + Vector256.Create(Unsafe.Add(ref corrections, token));

    // Adds the products of four columns for 16 rows and four tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddVector(
        ref Vector256<int> l0, ref Vector256<int> l1, ref Vector256<int> l2, ref Vector256<int> l3,
        ref Vector256<int> u0, ref Vector256<int> u1, ref Vector256<int> u2, ref Vector256<int> u3, ref byte codes, ref sbyte values, int vector)
    {
        V lower = TCodes.Load<Avx2VnniTier, V>(in codes, vector), upper = TCodes.Load<Avx2VnniTier, V>(in Unsafe.Add(ref codes, 32), vector);
        Vector256<sbyte> x = Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref values, 4 * vector))).AsSByte();
        l0 = AvxVnni.MultiplyWideningAndAdd(l0, lower, x);
        u0 = AvxVnni.MultiplyWideningAndAdd(u0, upper, x);
        x = Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref values, 4 * vector + 32))).AsSByte();
        l1 = AvxVnni.MultiplyWideningAndAdd(l1, lower, x);
        u1 = AvxVnni.MultiplyWideningAndAdd(u1, upper, x);
        x = Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref values, 4 * vector + 64))).AsSByte();
        l2 = AvxVnni.MultiplyWideningAndAdd(l2, lower, x);
        u2 = AvxVnni.MultiplyWideningAndAdd(u2, upper, x);
        x = Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref values, 4 * vector + 96))).AsSByte();
        l3 = AvxVnni.MultiplyWideningAndAdd(l3, lower, x);
        u3 = AvxVnni.MultiplyWideningAndAdd(u3, upper, x);
    }

    // The floating-point operations are those of GroupsOf32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddToken(
        ref Vector256<float> lowerSum, ref Vector256<float> upperSum, Vector256<int> lowerDots, Vector256<int> upperDots,
        Vector256<float> lower, Vector256<float> upper, ref float factors, int token)
    {
        Vector256<float> factor = Vector256.Create(Unsafe.Add(ref factors, token));
        lowerSum = Fma.MultiplyAdd(lowerDots.AsSingle() - Vector256.Create(IntegerOffset), lower * factor, lowerSum);
        upperSum = Fma.MultiplyAdd(upperDots.AsSingle() - Vector256.Create(IntegerOffset), upper * factor, upperSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(PanelOutput output, Vector256<float> lower, Vector256<float> upper, int token, int tokenCount)
    {
        output.WriteIf<Avx2VnniTier, V>(lower.AsByte(), token, tokenCount);
        output.From(8).WriteIf<Avx2VnniTier, V>(upper.AsByte(), token, tokenCount);
    }
}
