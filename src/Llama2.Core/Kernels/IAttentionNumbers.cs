namespace Llama2.Kernels;

/// <summary>How <see cref="AttentionKernel{TNumbers, TLayout, TTier, V}"/> multiplies the keys and values of a cache.</summary>
internal interface IAttentionNumbers
{
    /// <summary>The size in bytes of the operand of a lane: a number or a pair of numbers.</summary>
    static abstract int ByteSize { get; }

    /// <summary>Whether sums are integers, which are multiplied by scales when they are complete.</summary>
    static abstract bool AreIntegers { get; }

    /// <summary>Loads the operands of all lanes of a vector.</summary>
    static abstract V Load<TTier, V>(ref readonly byte numbers)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>Adds the products of numbers and factors to sums.</summary>
    static abstract V MultiplyAdd<TTier, V>(V numbers, V factors, V sums)
        where TTier : struct, ITier<V>
        where V : struct;
}
