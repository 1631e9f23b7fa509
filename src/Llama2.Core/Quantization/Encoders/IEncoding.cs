namespace Llama2.Quantization.Encoders;

/// <summary>How the blocks of a format are made of weights, in two steps; <see cref="BlockRowEncoder{TFormat, TEncoding}"/> has the loops.</summary>
internal interface IEncoding
{
    /// <summary>Whether a weight's size is compared with its row's, else with its block's, to tell how much its error counts.</summary>
    static abstract bool ComparesWithRow { get; }

    /// <summary>What <see cref="GroupLanes.Variances"/> is, in mean squares of the block.</summary>
    static abstract float VarianceFactor { get; }

    /// <summary>Finds a scale for each group.</summary>
    /// <param name="groups">Weights; where columns are of different importance, that importance and the variances too.</param>
    static abstract void Search(GroupLanes groups);

    /// <summary>Makes one block's parts of what was found.</summary>
    /// <param name="groups">The groups of several blocks.</param>
    /// <param name="firstGroup">The block's first group.</param>
    /// <param name="weights">The block's weights.</param>
    /// <param name="parts">Receives all parts that the format has.</param>
    static abstract void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts);
}
