using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Where a kernel's results go: one float a row and token, a token's rows side by side.</summary>
/// <param name="first">The first token's result for the kernel's first row; as many floats must follow as a tier has lanes.</param>
/// <param name="stride">Floats from one token's results to the next's.</param>
/// <param name="accumulate">Add to what is there instead of replacing it.</param>
internal readonly ref struct PanelOutput(ref float first, nint stride, bool accumulate)
{
    private readonly ref float _first = ref first;

    /// <summary>Where the results from a later row on go.</summary>
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

    /// <summary>As <see cref="Write"/>, unless the token is one of the tile's padding.</summary>
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
