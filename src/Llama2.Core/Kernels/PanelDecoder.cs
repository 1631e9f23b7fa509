using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// Turns a panel's codes back into weights, for each column its 16 rows side by side: what <see cref="FloatPanelKernel{TWeights, TLayout, TTier, V}"/>
/// multiplies with. Products in the order of GGML, so the weights are bit for bit the file's.
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

    /// <param name="codes">The panel's codes from a super-block on.</param>
    /// <param name="scales">Its scales.</param>
    /// <param name="superBlockCount">Super-blocks to decode.</param>
    /// <param name="weights">Receives 16 weights a column.</param>
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
                    for (int i = 0; i < VectorCount; i++)
                    {
                        TTier.Store(TCodes.Load<TTier, V>(in Unsafe.Add(ref codes, 4 * row), i), ref vectors[RowCount * i + row]);
                    }
                }

                Combine(vectors, groupScales, groupOffsets, weights.Slice(done, BlockLength * RowCount));
                done += BlockLength * RowCount;
                codes = ref Unsafe.Add(ref codes, TCodes.BlockByteSize);
                scales = ref Unsafe.Add(ref scales, TScales.BlockByteSize);
            }
        }
    }

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
    private static void Combine(Span<float> vectors, Span<float> scales, Span<float> offsets, Span<float> weights)
    {
        var bias = Vector128.Create(TScales.HasOffset ? 0 : 1 << (TCodes.Bits - 1));
        ref float destination = ref MemoryMarshal.GetReference(weights);
        for (int row = 0; row < RowCount; row += Vector128<float>.Count)
        {
            for (int i = 0; i < VectorCount; i++)
            {
                int group = i * TScales.GroupsPerBlock / VectorCount;
                var scale = Vector128.LoadUnsafe(ref scales[RowCount * group + row]);
                var offset = Vector128.LoadUnsafe(ref offsets[RowCount * group + row]);
                var lanes = Vector128.LoadUnsafe(ref vectors[RowCount * i + row]).AsUInt32();
                for (int j = 0; j < 4; j++)
                {
                    Vector128<int> code = ((lanes >> (8 * j)) & Vector128.Create(255u)).AsInt32();
                    (scale * Vector128.ConvertToSingle(code - bias) - offset).StoreUnsafe(ref destination, (nuint)(RowCount * (4 * i + j) + row));
                }
            }
        }
    }
}
