using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Llama2.Kernels;

namespace Llama2.Training.Kernels;

/// <summary>
/// The loop of <see cref="PanelProduct"/>. Two registers, each of which holds the same element of several vectors of the panels, are multiplied with
/// eight broadcast elements of a tile: ten loads for sixteen multiply-adds. With one register, there would be nine loads for only eight multiply-adds,
/// which would slow down a processor that can do two loads and two multiply-adds per cycle. If the processor has only 16 registers, four elements of
/// a tile are used instead of eight.
/// </summary>
internal static class TileKernel<TTier, V>
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int Width = PanelProduct.PanelWidth;

    /// <inheritdoc cref="PanelProduct.Multiply"/>
    public static void Multiply(
        ref float panel, nint panelLength, int panelCount, ref float tile, int length, int count, ref float output, nint stride, bool accumulate)
    {
        if (TTier.Lanes == Width)
        {
            if (panelCount == 2)
            {
                Prefetch(ref output, stride, count);
                MultiplyPair(ref panel, panelLength, ref tile, length, count, new(ref output, stride, accumulate), new(ref Unsafe.Add(ref output, Width), stride, accumulate));
            }
            else
            {
                MultiplyOne(ref panel, ref tile, length, count, new(ref output, stride, accumulate));
            }

            return;
        }

        for (int i = 0; i < panelCount; i++)
        {
            for (int token = 0; token < count; token += TTier.FloatTileTokenCount)
            {
                for (int row = 0; row < Width; row += 2 * TTier.Lanes)
                {
                    ref float destination = ref Unsafe.Add(ref output, token * stride + i * Width + row);
                    MultiplyPair(
                        ref Unsafe.Add(ref panel, i * panelLength + row), TTier.Lanes, ref Unsafe.Add(ref tile, token), length,
                        Math.Min(TTier.FloatTileTokenCount, count - token), new(ref destination, stride, accumulate), new(ref Unsafe.Add(ref destination, TTier.Lanes), stride, accumulate));
                }
            }
        }
    }

    // Prefetches the rows of the output while the products are computed. The rows are too far apart in memory for the processor's own prefetching.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(ref float output, nint stride, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ref float row = ref Unsafe.Add(ref output, i * stride);
            TTier.PrefetchNear(in Unsafe.As<float, byte>(ref row));
            TTier.PrefetchNear(in Unsafe.As<float, byte>(ref Unsafe.Add(ref row, Width)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyPair(ref float vectors, nint second, ref float tile, int length, int count, PanelOutput output0, PanelOutput output1)
    {
        V first0 = default, first1 = default, first2 = default, first3 = default, first4 = default, first5 = default, first6 = default, first7 = default;
        V second0 = default, second1 = default, second2 = default, second3 = default, second4 = default, second5 = default, second6 = default, second7 = default;
        for (; length > 0; length--)
        {
            V a = TTier.LoadFloats(in Unsafe.As<float, byte>(ref vectors)), b = TTier.LoadFloats(in Unsafe.As<float, byte>(ref Unsafe.Add(ref vectors, second)));
            V x = TTier.Broadcast(ref tile, 0);
            first0 = MultiplyAdd(a, x, first0);
            second0 = MultiplyAdd(b, x, second0);
            x = TTier.Broadcast(ref tile, 1);
            first1 = MultiplyAdd(a, x, first1);
            second1 = MultiplyAdd(b, x, second1);
            x = TTier.Broadcast(ref tile, 2);
            first2 = MultiplyAdd(a, x, first2);
            second2 = MultiplyAdd(b, x, second2);
            x = TTier.Broadcast(ref tile, 3);
            first3 = MultiplyAdd(a, x, first3);
            second3 = MultiplyAdd(b, x, second3);
            if (TTier.FloatTileTokenCount == EightTokens.TokenCount)
            {
                x = TTier.Broadcast(ref tile, 4);
                first4 = MultiplyAdd(a, x, first4);
                second4 = MultiplyAdd(b, x, second4);
                x = TTier.Broadcast(ref tile, 5);
                first5 = MultiplyAdd(a, x, first5);
                second5 = MultiplyAdd(b, x, second5);
                x = TTier.Broadcast(ref tile, 6);
                first6 = MultiplyAdd(a, x, first6);
                second6 = MultiplyAdd(b, x, second6);
                x = TTier.Broadcast(ref tile, 7);
                first7 = MultiplyAdd(a, x, first7);
                second7 = MultiplyAdd(b, x, second7);
            }

            vectors = ref Unsafe.Add(ref vectors, Width);
            tile = ref Unsafe.Add(ref tile, PanelProduct.TileWidth);
        }

        Write(output0, first0, first1, first2, first3, first4, first5, first6, first7, count);
        Write(output1, second0, second1, second2, second3, second4, second5, second6, second7, count);
    }

    // Computes the products of one panel: the last one, if the number of panels is odd. Each sum adds its elements in the same order as for a pair of panels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyOne(ref float vectors, ref float tile, int length, int count, PanelOutput output)
    {
        V sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
        for (; length > 0; length--)
        {
            V a = TTier.LoadFloats(in Unsafe.As<float, byte>(ref vectors));
            sum0 = TTier.MultiplyAdd(a, ref tile, 0, sum0);
            sum1 = TTier.MultiplyAdd(a, ref tile, 1, sum1);
            sum2 = TTier.MultiplyAdd(a, ref tile, 2, sum2);
            sum3 = TTier.MultiplyAdd(a, ref tile, 3, sum3);
            sum4 = TTier.MultiplyAdd(a, ref tile, 4, sum4);
            sum5 = TTier.MultiplyAdd(a, ref tile, 5, sum5);
            sum6 = TTier.MultiplyAdd(a, ref tile, 6, sum6);
            sum7 = TTier.MultiplyAdd(a, ref tile, 7, sum7);
            vectors = ref Unsafe.Add(ref vectors, Width);
            tile = ref Unsafe.Add(ref tile, PanelProduct.TileWidth);
        }

        Write(output, sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7, count);
    }

    // Without a fused multiply-add, the process has only the portable tier, whose registers have 128 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V MultiplyAdd(V left, V right, V addend)
        => FusedMultiplyAdd.IsSupported
            ? TTier.MultiplyAdd(left, right, addend)
            : Unsafe.BitCast<Vector128<float>, V>(FusedMultiplyAdd.Emulate(
                Unsafe.BitCast<V, Vector128<float>>(left), Unsafe.BitCast<V, Vector128<float>>(right), Unsafe.BitCast<V, Vector128<float>>(addend)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(PanelOutput output, V sum0, V sum1, V sum2, V sum3, V sum4, V sum5, V sum6, V sum7, int count)
    {
        output.Write<TTier, V>(sum0, 0);
        output.WriteIf<TTier, V>(sum1, 1, count);
        output.WriteIf<TTier, V>(sum2, 2, count);
        output.WriteIf<TTier, V>(sum3, 3, count);
        if (TTier.FloatTileTokenCount == EightTokens.TokenCount)
        {
            output.WriteIf<TTier, V>(sum4, 4, count);
            output.WriteIf<TTier, V>(sum5, 5, count);
            output.WriteIf<TTier, V>(sum6, 6, count);
            output.WriteIf<TTier, V>(sum7, 7, count);
        }
    }
}
