namespace Llama2.Kernels;

/// <summary>How a block of 32 columns is divided into groups that share a scale. Computes the contribution of a block to the sum of a row for one
/// token.</summary>
internal interface IGroups
{
    /// <summary>The number of groups in a block, 1 or 2.</summary>
    static abstract int CountPerBlock { get; }

    /// <summary>
    /// Adds a block whose codes are centred: weight = scale · (code − 2^(bits − 1)). The group scales, the activations, the factors
    /// (<see cref="ActivationTile.Factors"/>) and the corrections (<see cref="ActivationTile.Corrections"/>) are those of the block. The token's index counts from the token that the references point to.
    /// </summary>
    static abstract V AddCentred<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V scale1, ref sbyte values, ref float factors, ref int corrections, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>Adds a block whose groups have offsets: weight = scale · code − offset.</summary>
    static abstract V AddOffset<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct;
}
