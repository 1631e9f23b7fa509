using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Kernels;
using Llama2.Memory;

namespace Llama2.Tensors;

/// <summary>
/// The product of a few panels and many tokens, computed by the tier's <see cref="ITier{V}.MultiplyBytes"/>. Codes are widened to bytes and scales to
/// floats once for all tokens, one part of the columns at a time, so that a part stays in the first- and second-level caches.
/// </summary>
internal static class BytePanelProduct<TCodes, TScales, TTier, V>
    where TCodes : struct, ICodes
    where TScales : struct, IScales
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int PanelRowCount = WeightMatrix.PanelRowCount;
    private const int BlockLength = 32;
    private const int ManyTokens = 128;
    private const int MaxTokenCount = 256;
    private const int TileTokenCount = 4;

    /// <summary>More tokens than this are multiplied faster by this class than by <see cref="PanelKernel{TCodes, TScales, TTier, V}"/>.</summary>
    public static int MinimumTokenCount => Widens ? TTier.MinimumWideningTokenCount : ActivationTile.Width;

    private static int RowCount => TTier.ByteKernelPanelCount * PanelRowCount;

    private static int ScalesPerBlock => PanelRowCount * TScales.GroupsPerBlock * (TScales.HasOffset ? 2 : 1);

    // Codes of 8 bits are read where they are.
    private static bool Widens => TCodes.BlockByteSize < PanelRowCount * BlockLength;

    /// <summary>Multiplies <see cref="ITier{V}.ByteKernelPanelCount"/> panels.</summary>
    /// <param name="codes">The codes of the first panel.</param>
    /// <param name="codesPanelByteSize">The size of a panel's codes.</param>
    /// <param name="scales">The scales of the first panel.</param>
    /// <param name="scalesPanelByteSize">The size of a panel's scales.</param>
    /// <param name="superBlockCount">The number of super-blocks in a row.</param>
    /// <param name="input">The tokens' activations.</param>
    /// <param name="tokenCount">The number of tokens.</param>
    /// <param name="output">Receives the products.</param>
    /// <param name="panel">The index of the first panel.</param>
    /// <param name="accumulate">Whether to add to the output instead of replacing it.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        ref byte codes, nint codesPanelByteSize, ref byte scales, nint scalesPanelByteSize, int superBlockCount,
        QuantizedActivations input, int tokenCount, Activations output, int panel, bool accumulate)
    {
        // A small part stays in the first-level cache while it is widened; with many tokens, it matters more that the sums are loaded and stored less often.
        int partBlockCount = tokenCount > ManyTokens ? 32 : 8, partLength = partBlockCount / TScales.BlocksPerSuperBlock;
        int codesPanelSize = partBlockCount * BlockLength * PanelRowCount, scalesPanelSize = partBlockCount * ScalesPerBlock;
        int codesSize = Widens ? codesPanelSize * TTier.ByteKernelPanelCount : 0, scalesSize = scalesPanelSize * TTier.ByteKernelPanelCount;
        int sumsSize = Math.Min((tokenCount + TileTokenCount - 1) / TileTokenCount * TileTokenCount, MaxTokenCount) * RowCount;
        Span<float> scratch = CacheLine.Align(stackalloc float[codesSize / sizeof(float) + scalesSize + sumsSize + CacheLine.ByteSize / sizeof(float)]);
        Span<float> wideScales = scratch[..scalesSize], sums = scratch.Slice(scalesSize, sumsSize);
        Span<byte> wideCodes = MemoryMarshal.AsBytes(scratch[(scalesSize + sumsSize)..]);
        var part = new BytePanels { Scales = ref wideScales[0], ScalesStride = scalesPanelSize };
        for (int startToken = 0; startToken < tokenCount; startToken += MaxTokenCount)
        {
            int endToken = Math.Min(startToken + MaxTokenCount, tokenCount);
            sums.Clear();
            for (int superBlock = 0; superBlock < superBlockCount; superBlock += partLength)
            {
                int count = Math.Min(partLength, superBlockCount - superBlock), block = superBlock * TScales.BlocksPerSuperBlock;
                part.BlockCount = count * TScales.BlocksPerSuperBlock;
                part.Codes = ref Unsafe.Add(ref codes, block * TCodes.BlockByteSize);
                part.CodesStride = codesPanelByteSize;
                ref byte next = ref superBlock + partLength < superBlockCount
                    ? ref Unsafe.Add(ref part.Codes, partBlockCount * TCodes.BlockByteSize) : ref Unsafe.Add(ref codes, TTier.ByteKernelPanelCount * codesPanelByteSize);
                for (int i = 0; i < TTier.ByteKernelPanelCount; i++)
                {
                    PanelDecoder<TCodes, TScales, TTier, V>.WidenScales(
                        ref Unsafe.Add(ref scales, i * scalesPanelByteSize + superBlock * (TScales.HeaderByteSize + TScales.BlocksPerSuperBlock * TScales.BlockByteSize)),
                        count, wideScales.Slice(i * scalesPanelSize, part.BlockCount * ScalesPerBlock));
                    if (Widens)
                    {
                        PanelDecoder<TCodes, TScales, TTier, V>.WidenCodes(
                            ref Unsafe.Add(ref part.Codes, i * codesPanelByteSize), part.BlockCount, ref wideCodes[i * codesPanelSize]);
                    }
                }

                if (Widens)
                {
                    part.Codes = ref wideCodes[0];
                    part.CodesStride = codesPanelSize;
                }

                int tileCount = (endToken - startToken + ActivationTile.Width - 1) / ActivationTile.Width;
                int prefetchLineCount = (partBlockCount * TCodes.BlockByteSize / CacheLine.ByteSize + tileCount - 1) / tileCount;
                for (int token = startToken; token < endToken; token += ActivationTile.Width)
                {
                    next = ref Prefetch(ref next, codesPanelByteSize, prefetchLineCount);
                    ActivationTile x = input.TileFrom(token, block);
                    TTier.MultiplyBytes<TScales>(
                        in part, in x, ref x.Corrections<TCodes, TScales>(), Math.Min(ActivationTile.Width, endToken - token), ref sums[(token - startToken) * RowCount]);
                }
            }

            Write(ref sums[0], endToken - startToken, ref MemoryMarshal.GetReference(output.Panel(startToken, panel)), output.Stride, accumulate);
        }
    }

    // The next part is prefetched into the second-level cache, a few lines for each tile of tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Prefetch(ref byte codes, nint panelByteSize, int lineCount)
    {
        for (; lineCount > 0; lineCount--)
        {
            TTier.PrefetchFar(in codes);
            if (TTier.ByteKernelPanelCount == 3)
            {
                TTier.PrefetchFar(in Unsafe.Add(ref codes, panelByteSize));
                TTier.PrefetchFar(in Unsafe.Add(ref codes, 2 * panelByteSize));
            }

            codes = ref Unsafe.Add(ref codes, CacheLine.ByteSize);
        }

        return ref codes;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(ref float sums, int tokenCount, ref float first, nint stride, bool accumulate)
    {
        for (int token = 0; token < tokenCount; token++)
        {
            var output = new PanelOutput(ref Unsafe.Add(ref first, token * stride), stride, accumulate);
            for (int row = 0; row < RowCount; row += TTier.Lanes)
            {
                output.From(row).Write<TTier, V>(TTier.LoadFloats(in Unsafe.As<float, byte>(ref Unsafe.Add(ref sums, token * RowCount + row))), 0);
            }
        }
    }
}
