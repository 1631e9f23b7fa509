using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// Decodes a panel's codes to weights. For each column, the weights of the panel's 16 rows are side by side, as
/// <see cref="FloatPanelKernel{TWeights, TTier, V}"/> reads them. Products are computed in the same order as in GGML, so the weights are bit
/// for bit those that GGML decodes.
/// </summary>
internal static class PanelDecoder<TCodes, TScales, TTier, V>
    where TCodes : struct, ICodes
    where TScales : struct, IScales
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int RowCount = 16;
    private const int BlockLength = 32;
    private const int VectorCount = 8;

    /// <param name="codes">The panel's codes, starting at a super-block.</param>
    /// <param name="scales">The panel's scales.</param>
    /// <param name="superBlockCount">The number of super-blocks to decode.</param>
    /// <param name="weights">Receives 16 weights for each column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(ref byte codes, ref byte scales, int superBlockCount, Span<float> weights)
    {
        Span<float> vectors = stackalloc float[VectorCount * RowCount];
        Span<float> groupScales = stackalloc float[2 * RowCount], groupOffsets = stackalloc float[2 * RowCount];
        groupOffsets.Clear();
        int done = 0;
        for (int superBlock = 0; superBlock < superBlockCount; superBlock++)
        {
            ref byte header = ref scales;
            scales = ref Unsafe.Add(ref scales, TScales.HeaderByteSize);
            for (int block = 0; block < TScales.BlocksPerSuperBlock; block++)
            {
                for (int row = 0; row < RowCount; row += TTier.Lanes)
                {
                    LoadScales(ref header, ref scales, row, groupScales, groupOffsets);
                    LoadCodes(ref Unsafe.Add(ref codes, 4 * row), ref vectors[row]);
                }

                Combine(vectors, groupScales, groupOffsets, weights.Slice(done, BlockLength * RowCount));
                done += BlockLength * RowCount;
                codes = ref Unsafe.Add(ref codes, TCodes.BlockByteSize);
                scales = ref Unsafe.Add(ref scales, TScales.BlockByteSize);
            }
        }
    }

    /// <summary>Widens codes to bytes: 8 code vectors of 64 bytes for each block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WidenCodes(ref byte codes, int blockCount, ref byte vectors)
    {
        for (; blockCount > 0; blockCount--)
        {
            for (int row = 0; row < RowCount; row += TTier.Lanes)
            {
                LoadCodes(ref Unsafe.Add(ref codes, 4 * row), ref Unsafe.As<byte, float>(ref Unsafe.Add(ref vectors, 4 * row)));
            }

            codes = ref Unsafe.Add(ref codes, TCodes.BlockByteSize);
            vectors = ref Unsafe.Add(ref vectors, VectorCount * RowCount * sizeof(float));
        }
    }

    /// <summary>Widens scales to floats, arranged as in <see cref="BytePanels.Scales"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WidenScales(ref byte scales, int superBlockCount, Span<float> blocks)
    {
        for (; superBlockCount > 0; superBlockCount--)
        {
            ref byte header = ref scales;
            scales = ref Unsafe.Add(ref scales, TScales.HeaderByteSize);
            for (int block = 0; block < TScales.BlocksPerSuperBlock; block++)
            {
                Span<float> offsets = blocks[(TScales.GroupsPerBlock * RowCount)..];
                for (int row = 0; row < RowCount; row += TTier.Lanes)
                {
                    LoadScales(ref header, ref scales, row, blocks, offsets);
                }

                blocks = TScales.HasOffset ? offsets[(TScales.GroupsPerBlock * RowCount)..] : offsets;
                scales = ref Unsafe.Add(ref scales, TScales.BlockByteSize);
            }
        }
    }

    // Indexes are constants, so the compiler knows which bits hold a vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadCodes(ref byte codes, ref float vectors)
    {
        TTier.Store(TCodes.Load<TTier, V>(in codes, 0), ref vectors);
        TTier.Store(TCodes.Load<TTier, V>(in codes, 1), ref Unsafe.Add(ref vectors, RowCount));
        TTier.Store(TCodes.Load<TTier, V>(in codes, 2), ref Unsafe.Add(ref vectors, 2 * RowCount));
        TTier.Store(TCodes.Load<TTier, V>(in codes, 3), ref Unsafe.Add(ref vectors, 3 * RowCount));
        TTier.Store(TCodes.Load<TTier, V>(in codes, 4), ref Unsafe.Add(ref vectors, 4 * RowCount));
        TTier.Store(TCodes.Load<TTier, V>(in codes, 5), ref Unsafe.Add(ref vectors, 5 * RowCount));
        TTier.Store(TCodes.Load<TTier, V>(in codes, 6), ref Unsafe.Add(ref vectors, 6 * RowCount));
        TTier.Store(TCodes.Load<TTier, V>(in codes, 7), ref Unsafe.Add(ref vectors, 7 * RowCount));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadScales(ref byte header, ref byte block, int row, Span<float> scales, Span<float> offsets)
    {
        V headerScale = TScales.HeaderScale<TTier, V>(in header, row), headerOffset = TScales.HeaderOffset<TTier, V>(in header, row);
        for (int group = 0; group < TScales.GroupsPerBlock; group++)
        {
            TTier.Store(TScales.Scale<TTier, V>(headerScale, in block, group, row), ref scales[RowCount * group + row]);
            if (TScales.HasOffset)
            {
                TTier.Store(TScales.Offset<TTier, V>(headerOffset, in block, group, row), ref offsets[RowCount * group + row]);
            }
        }
    }

    // Byte j of lane r of code vector i is the code of row r, column 4i + j.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine(Span<float> vectors, Span<float> scales, Span<float> offsets, Span<float> weights)
    {
        ref float codes = ref MemoryMarshal.GetReference(vectors);
        ref float destination = ref MemoryMarshal.GetReference(weights);
        for (int i = 0; i < VectorCount; i++)
        {
            int group = RowCount * (i * TScales.GroupsPerBlock / VectorCount);
            ref float scale = ref scales[group];
            ref float offset = ref offsets[group];
            if (Vector512.IsHardwareAccelerated)
            {
                Combine512(ref codes, ref scale, ref offset, ref destination);
            }
            else
            {
                for (int row = 0; row < RowCount; row += Vector128<float>.Count)
                {
                    Combine128(
                        ref Unsafe.Add(ref codes, row), ref Unsafe.Add(ref scale, row), ref Unsafe.Add(ref offset, row), ref Unsafe.Add(ref destination, row));
                }
            }

            codes = ref Unsafe.Add(ref codes, RowCount);
            destination = ref Unsafe.Add(ref destination, 4 * RowCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine512(ref float codes, ref float scales, ref float offsets, ref float destination)
    {
        var lanes = Vector512.LoadUnsafe(ref codes).AsUInt32();
        Vector512<float> scale = Vector512.LoadUnsafe(ref scales), offset = Vector512.LoadUnsafe(ref offsets);
        Vector512<int> bias = Vector512.Create(Bias), mask = Vector512.Create(255);
        (scale * Vector512.ConvertToSingle((lanes.AsInt32() & mask) - bias) - offset).StoreUnsafe(ref destination);
        (scale * Vector512.ConvertToSingle(((lanes >> 8).AsInt32() & mask) - bias) - offset).StoreUnsafe(ref destination, RowCount);
        (scale * Vector512.ConvertToSingle(((lanes >> 16).AsInt32() & mask) - bias) - offset).StoreUnsafe(ref destination, 2 * RowCount);
        (scale * Vector512.ConvertToSingle((lanes >> 24).AsInt32() - bias) - offset).StoreUnsafe(ref destination, 3 * RowCount);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine128(ref float codes, ref float scales, ref float offsets, ref float destination)
    {
        var lanes = Vector128.LoadUnsafe(ref codes).AsUInt32();
        Vector128<float> scale = Vector128.LoadUnsafe(ref scales), offset = Vector128.LoadUnsafe(ref offsets);
        Vector128<int> bias = Vector128.Create(Bias), mask = Vector128.Create(255);
        (scale * Vector128.ConvertToSingle((lanes.AsInt32() & mask) - bias) - offset).StoreUnsafe(ref destination);
        (scale * Vector128.ConvertToSingle(((lanes >> 8).AsInt32() & mask) - bias) - offset).StoreUnsafe(ref destination, RowCount);
        (scale * Vector128.ConvertToSingle(((lanes >> 16).AsInt32() & mask) - bias) - offset).StoreUnsafe(ref destination, 2 * RowCount);
        (scale * Vector128.ConvertToSingle((lanes >> 24).AsInt32() - bias) - offset).StoreUnsafe(ref destination, 3 * RowCount);
    }

    private static int Bias => TScales.HasOffset ? 0 : 1 << (TCodes.Bits - 1);
}
