using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>The destination of a kernel's results: one float for each row and token, a token's rows side by side.</summary>
/// <param name="first">The first token's result for the kernel's first row: the first of the floats that the tier's lanes write.</param>
/// <param name="stride">The distance in floats from one token's results to the next token's.</param>
/// <param name="accumulate">Whether to add to the present values instead of replacing them.</param>
internal readonly ref struct PanelOutput(ref float first, nint stride, bool accumulate)
{
    private readonly ref float _first = ref first;

    /// <summary>The destination of the results of a later row and of the rows after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PanelOutput From(int row) => new(ref Unsafe.Add(ref _first, row), stride, accumulate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<TTier, V>(V results, int token)
        where TTier : struct, ITier<V>
        where V : struct
    {
        ref float destination = ref Unsafe.Add(ref _first, token * stride);
        if (accumulate)
        {
            results = TTier.AddFloats(results, TTier.LoadFloats(in Unsafe.As<float, byte>(ref destination)));
        }

        TTier.Store(results, ref destination);
    }

    /// <summary>Like <see cref="Write"/>, but does nothing if the token is padding of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteIf<TTier, V>(V results, int token, int tokenCount)
        where TTier : struct, ITier<V>
        where V : struct
    {
        if (token < tokenCount)
        {
            Write<TTier, V>(results, token);
        }
    }
}
