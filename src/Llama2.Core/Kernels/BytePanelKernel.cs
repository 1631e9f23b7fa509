using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The matrix kernel for many tokens and tiers whose multiply instruction adds products of bytes to sums of 32 bits.
/// <see cref="PanelKernel{TCodes, TScales, TTier, V}"/> keeps a block's codes in registers and iterates over tokens; this kernel keeps the sums of
/// four tokens and of the rows of two or three registers, and iterates over codes. An activation is loaded once for all these rows, and no product
/// waits for the previous one, so the execution ports that compute products are busy in nearly every cycle. Both kernels give the same results, bit
/// for bit.
/// </summary>
internal static class BytePanelKernel<TScales, TTier, V>
    where TScales : struct, IScales
    where TTier : struct, IByteTier<TTier, V>
    where V : struct
{
    private const int PanelRowCount = 16;
    private const int VectorByteSize = 64;
    private const int VectorsPerBlock = 8;
    private const int VectorsPerStep = 4;
    private const int BlockLength = 32;
    private const int TileTokenCount = 4;

    // Two registers are the halves of one panel's rows; three registers are three panels.
    private static bool HasThreePanels => TTier.ByteKernelPanelCount == 3;

    /// <summary>Adds the products of all rows of the panels and up to eight tokens.</summary>
    /// <param name="panels">The codes and scales of the panels.</param>
    /// <param name="x">The tokens' tile, starting with the panels' first column.</param>
    /// <param name="corrections">The corrections of products with the format's codes, in the same tile.</param>
    /// <param name="tokenCount">The number of tokens in the tile; sums are added for a multiple of four.</param>
    /// <param name="sums">The sums of the first token, one for each row; those of the next tokens follow.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in BytePanels panels, in ActivationTile x, ref int corrections, int tokenCount, ref float sums)
    {
        nint codesB = HasThreePanels ? panels.CodesStride : VectorByteSize / 2, scalesB = HasThreePanels ? panels.ScalesStride : PanelRowCount / 2;
        nint codesC = 2 * codesB, scalesC = 2 * scalesB;
        ref float tileSums = ref TScales.GroupsPerBlock == 1 ? ref x.ScaledSums : ref x.ScaledHalfSums;
        ref float tileFactors = ref TScales.HasPowerOfTwoActivationScales ? ref x.Bases : ref x.Scales;
        for (int token = 0; token < tokenCount; token += TileTokenCount)
        {
            ref byte codes = ref panels.Codes;
            ref float scales = ref panels.Scales;
            ref sbyte values = ref Unsafe.Add(ref x.Values, token * BlockLength);
            ref float factors = ref Unsafe.Add(ref tileFactors, token), scaledSums = ref Unsafe.Add(ref tileSums, token);
            ref int starts = ref Unsafe.Add(ref corrections, token);
            V sumA0 = Load(ref sums, 0, 0), sumA1 = Load(ref sums, 1, 0), sumA2 = Load(ref sums, 2, 0), sumA3 = Load(ref sums, 3, 0);
            V sumB0 = Load(ref sums, 0, 1), sumB1 = Load(ref sums, 1, 1), sumB2 = Load(ref sums, 2, 1), sumB3 = Load(ref sums, 3, 1);
            V sumC0 = default, sumC1 = default, sumC2 = default, sumC3 = default;
            if (HasThreePanels)
            {
                (sumC0, sumC1, sumC2, sumC3) = (Load(ref sums, 0, 2), Load(ref sums, 1, 2), Load(ref sums, 2, 2), Load(ref sums, 3, 2));
            }

            for (int block = panels.BlockCount; block > 0; block--)
            {
                for (int group = 0; group < TScales.GroupsPerBlock; group++)
                {
                    V a0 = Start(ref starts, ref factors, 0), a1 = Start(ref starts, ref factors, 1), a2 = Start(ref starts, ref factors, 2), a3 = Start(ref starts, ref factors, 3);
                    V b0 = a0, b1 = a1, b2 = a2, b3 = a3, c0 = a0, c1 = a1, c2 = a2, c3 = a3;
                    for (int vector = 0; vector < VectorsPerBlock / TScales.GroupsPerBlock; vector += VectorsPerStep)
                    {
                        AddColumns(ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3, ref c0, ref c1, ref c2, ref c3, ref codes, codesB, codesC, ref values, 0);
                        AddColumns(ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3, ref c0, ref c1, ref c2, ref c3, ref codes, codesB, codesC, ref values, 1);
                        AddColumns(ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3, ref c0, ref c1, ref c2, ref c3, ref codes, codesB, codesC, ref values, 2);
                        AddColumns(ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3, ref c0, ref c1, ref c2, ref c3, ref codes, codesB, codesC, ref values, 3);
                        codes = ref Unsafe.Add(ref codes, VectorsPerStep * VectorByteSize);
                        values = ref Unsafe.Add(ref values, 4 * VectorsPerStep);
                    }

                    AddGroup(ref sumA0, ref sumA1, ref sumA2, ref sumA3, a0, a1, a2, a3, ref scales, ref factors);
                    AddGroup(ref sumB0, ref sumB1, ref sumB2, ref sumB3, b0, b1, b2, b3, ref Unsafe.Add(ref scales, scalesB), ref factors);
                    if (HasThreePanels)
                    {
                        AddGroup(ref sumC0, ref sumC1, ref sumC2, ref sumC3, c0, c1, c2, c3, ref Unsafe.Add(ref scales, scalesC), ref factors);
                    }

                    scales = ref Unsafe.Add(ref scales, PanelRowCount);
                    starts = ref Unsafe.Add(ref starts, ActivationTile.Width);
                }

                for (int group = 0; TScales.HasOffset && group < TScales.GroupsPerBlock; group++)
                {
                    SubtractOffset(ref sumA0, ref sumA1, ref sumA2, ref sumA3, ref scales, ref scaledSums);
                    SubtractOffset(ref sumB0, ref sumB1, ref sumB2, ref sumB3, ref Unsafe.Add(ref scales, scalesB), ref scaledSums);
                    if (HasThreePanels)
                    {
                        SubtractOffset(ref sumC0, ref sumC1, ref sumC2, ref sumC3, ref Unsafe.Add(ref scales, scalesC), ref scaledSums);
                    }

                    scales = ref Unsafe.Add(ref scales, PanelRowCount);
                    scaledSums = ref Unsafe.Add(ref scaledSums, ActivationTile.Width);
                }

                values = ref Unsafe.Add(ref values, (ActivationTile.Width - 1) * BlockLength);
                factors = ref Unsafe.Add(ref factors, ActivationTile.Width);
            }

            Store(ref sums, 0, sumA0, sumA1, sumA2, sumA3);
            Store(ref sums, 1, sumB0, sumB1, sumB2, sumB3);
            if (HasThreePanels)
            {
                Store(ref sums, 2, sumC0, sumC1, sumC2, sumC3);
            }

            sums = ref Unsafe.Add(ref sums, TileTokenCount * TTier.ByteKernelPanelCount * PanelRowCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start(ref int corrections, ref float factors, int token)
    {
        if (!TScales.HasPowerOfTwoActivationScales)
        {
            return TScales.HasOffset ? TTier.Create(ActivationTile.IntegerOffset) : TTier.AddIntegers(TTier.Create(ActivationTile.IntegerOffset), ref corrections, token);
        }

        if (ActivationTile.HasStarts<TScales>())
        {
            return TTier.Broadcast(ref corrections, token);
        }

        V bits = TTier.Broadcast(ref Unsafe.As<float, int>(ref factors), token);
        return TScales.HasOffset ? bits : TTier.AddIntegers(bits, ref corrections, token);
    }

    // Adds the products of four columns, which are one code vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumns(
        ref V a0, ref V a1, ref V a2, ref V a3, ref V b0, ref V b1, ref V b2, ref V b3, ref V c0, ref V c1, ref V c2, ref V c3,
        ref byte codes, nint codesB, nint codesC, ref sbyte values, int vector)
    {
        V x0 = TTier.LoadFour(ref values, 4 * vector), x1 = TTier.LoadFour(ref values, 4 * vector + BlockLength);
        V x2 = TTier.LoadFour(ref values, 4 * vector + 2 * BlockLength), x3 = TTier.LoadFour(ref values, 4 * vector + 3 * BlockLength);
        AddVector(ref a0, ref a1, ref a2, ref a3, in Unsafe.Add(ref codes, VectorByteSize * vector), x0, x1, x2, x3);
        AddVector(ref b0, ref b1, ref b2, ref b3, in Unsafe.Add(ref codes, codesB + VectorByteSize * vector), x0, x1, x2, x3);
        if (HasThreePanels)
        {
            AddVector(ref c0, ref c1, ref c2, ref c3, in Unsafe.Add(ref codes, codesC + VectorByteSize * vector), x0, x1, x2, x3);
        }
    }

    // Adds the products of four columns with the rows of one register.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddVector(ref V dot0, ref V dot1, ref V dot2, ref V dot3, ref readonly byte codes, V x0, V x1, V x2, V x3)
    {
        V vector = TTier.Load(in codes);
        dot0 = TTier.AddProducts(dot0, vector, x0);
        dot1 = TTier.AddProducts(dot1, vector, x1);
        dot2 = TTier.AddProducts(dot2, vector, x2);
        dot3 = TTier.AddProducts(dot3, vector, x3);
    }

    // The floating-point operations are those of IGroups, or have the same results if scales of activations are powers of two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGroup(ref V sum0, ref V sum1, ref V sum2, ref V sum3, V dot0, V dot1, V dot2, V dot3, ref float scales, ref float factors)
    {
        V scale = TTier.LoadFloats(in Unsafe.As<float, byte>(ref scales));
        if (TScales.HasPowerOfTwoActivationScales)
        {
            sum0 = TTier.MultiplyAdd(TTier.Subtract(dot0, ref factors, 0), scale, sum0);
            sum1 = TTier.MultiplyAdd(TTier.Subtract(dot1, ref factors, 1), scale, sum1);
            sum2 = TTier.MultiplyAdd(TTier.Subtract(dot2, ref factors, 2), scale, sum2);
            sum3 = TTier.MultiplyAdd(TTier.Subtract(dot3, ref factors, 3), scale, sum3);
            return;
        }

        V offset = TTier.Create(-ActivationTile.IntegerOffset);
        sum0 = TTier.MultiplyAdd(TTier.AddFloats(dot0, offset), TTier.Multiply(scale, ref factors, 0), sum0);
        sum1 = TTier.MultiplyAdd(TTier.AddFloats(dot1, offset), TTier.Multiply(scale, ref factors, 1), sum1);
        sum2 = TTier.MultiplyAdd(TTier.AddFloats(dot2, offset), TTier.Multiply(scale, ref factors, 2), sum2);
        sum3 = TTier.MultiplyAdd(TTier.AddFloats(dot3, offset), TTier.Multiply(scale, ref factors, 3), sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractOffset(ref V sum0, ref V sum1, ref V sum2, ref V sum3, ref float offsets, ref float scaledSums)
    {
        V offset = TTier.LoadFloats(in Unsafe.As<float, byte>(ref offsets));
        sum0 = TTier.MultiplySubtract(offset, ref scaledSums, 0, sum0);
        sum1 = TTier.MultiplySubtract(offset, ref scaledSums, 1, sum1);
        sum2 = TTier.MultiplySubtract(offset, ref scaledSums, 2, sum2);
        sum3 = TTier.MultiplySubtract(offset, ref scaledSums, 3, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(ref float sums, int token, int register)
        => TTier.LoadFloats(in Unsafe.As<float, byte>(ref Unsafe.Add(ref sums, token * TTier.ByteKernelPanelCount * PanelRowCount + register * TTier.Lanes)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float sums, int register, V sum0, V sum1, V sum2, V sum3)
    {
        sums = ref Unsafe.Add(ref sums, register * TTier.Lanes);
        TTier.Store(sum0, ref sums);
        TTier.Store(sum1, ref Unsafe.Add(ref sums, TTier.ByteKernelPanelCount * PanelRowCount));
        TTier.Store(sum2, ref Unsafe.Add(ref sums, 2 * TTier.ByteKernelPanelCount * PanelRowCount));
        TTier.Store(sum3, ref Unsafe.Add(ref sums, 3 * TTier.ByteKernelPanelCount * PanelRowCount));
    }
}
