namespace Llama2.Quantization.Encoders;

/// <summary>
/// How weights are encoded as blocks of a format, in two steps: <see cref="Search"/>, then <see cref="Encode"/>.
/// <see cref="BlockRowEncoder{TFormat, TEncoding}"/> contains the loops over rows and blocks.
/// </summary>
internal interface IEncoding
{
    /// <summary>
    /// Whether the importance of a weight depends on the mean square of its row; if false, it depends on the mean square of its block.
    /// </summary>
    static abstract bool ComparesWithRow { get; }

    /// <summary>The factor by which mean squares are multiplied to give <see cref="GroupLanes.Variances"/>.</summary>
    static abstract float VarianceFactor { get; }

    /// <summary>Finds a scale for each group.</summary>
    /// <param name="groups">The weights and, if columns differ in importance, the importance of the columns and the variances.</param>
    static abstract void Search(GroupLanes groups);

    /// <summary>Computes the parts of one block from the results of the search.</summary>
    /// <param name="groups">The groups of several blocks, with the results of the search.</param>
    /// <param name="firstGroup">The index of the block's first group.</param>
    /// <param name="weights">The block's weights.</param>
    /// <param name="parts">Receives all parts that the format has.</param>
    static abstract void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts);
}
