using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The destination of one product of attention. Products of keys and queries (<see cref="TiledLayout"/>) are scores, which are written. Products of values and
/// exponentials are added to a row's sums so far, after these have been multiplied by the row's correction.
/// </summary>
/// <param name="first">The first row's first result.</param>
/// <param name="stride">The distance in floats from one row's results to the next row's.</param>
/// <param name="corrections">A factor for each row's sums so far; not used for scores.</param>
/// <param name="factors">The scale of each row's integers; not used for floats.</param>
/// <param name="scales">The scale of each column's integers; used only for scores of integers.</param>
internal readonly ref struct AttentionOutput(ref float first, nint stride, ref float corrections, ref float factors, ref float scales)
{
    private readonly ref float _first = ref first;
    private readonly ref float _corrections = ref corrections;
    private readonly ref float _factors = ref factors;
    private readonly ref float _scales = ref scales;

    /// <summary>The destination of the results of a later row and of the rows after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AttentionOutput FromRow(int row)
        => new(ref Unsafe.Add(ref _first, row * stride), stride, ref Unsafe.Add(ref _corrections, row), ref Unsafe.Add(ref _factors, row), ref _scales);

    /// <summary>The destination of the results of a later column and of the columns after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AttentionOutput FromColumn(int column)
        => new(ref Unsafe.Add(ref _first, column), stride, ref _corrections, ref _factors, ref Unsafe.Add(ref _scales, column));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<TNumbers, TLayout, TTier, V>(V results, int row, int column)
        where TNumbers : struct, IAttentionNumbers
        where TLayout : struct, IActivationLayout
        where TTier : struct, ITier<V>
        where V : struct
    {
        ref float destination = ref Unsafe.Add(ref _first, row * stride + column);
        if (TNumbers.AreIntegers)
        {
            results = TTier.Multiply(TTier.ToFloat(results), ref _factors, row);
            if (typeof(TLayout) == typeof(TiledLayout))
            {
                results = TTier.Multiply(results, TTier.LoadFloats(in Unsafe.As<float, byte>(ref Unsafe.Add(ref _scales, column))));
            }
        }

        if (typeof(TLayout) != typeof(TiledLayout))
        {
            results = TTier.MultiplyAdd(TTier.LoadFloats(in Unsafe.As<float, byte>(ref destination)), ref _corrections, row, results);
        }

        TTier.Store(results, ref destination);
    }
}
