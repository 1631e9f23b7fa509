namespace Llama2.Model;

/// <summary>
/// How many tokens a forward pass computes, and for how many of them it computes logits. Usually these are the numbers that are best for speed. They
/// are lower if the activations would otherwise take more than twice the memory of the weights. Without this limit, a small file could declare layers
/// so wide that activations would take hundreds of times the size of the file.
/// </summary>
/// <param name="TokenCount">The maximum number of tokens of a batch.</param>
/// <param name="LogitsCount">The maximum number of rows of logits that are computed for a batch: one row for each token that needs logits.</param>
internal readonly record struct PassCapacity(int TokenCount, int LogitsCount)
{
    /// <summary>
    /// The usual number of tokens of a pass. It is large enough to use each weight many times while the weight is in the cache. It is small enough
    /// for a short pass, so that a cancellation takes effect soon and other sequences do not wait long.
    /// </summary>
    public const int MaxTokenCount = 256;

    /// <summary>The usual number of rows of logits that a pass computes.</summary>
    public const int MaxLogitsCount = 64;

    // The activations of published models take a hundredth to a tenth of the size of their weights. Activations up to the following size are always
    // allowed, so that small models have the usual capacity.
    private const long FreeByteSize = 8 << 20;
    private const int MaxShare = 2;

    // The number of tokens for which sizes are estimated: a whole number of tiles, whatever the width of a tile.
    private const int ManyTokens = 960;

    /// <summary>Chooses the capacity for a model.</summary>
    /// <param name="configuration">The model's shape.</param>
    /// <param name="contextLength">The maximum number of tokens of a sequence.</param>
    /// <param name="weightByteSize">The size of the model's weights in the model's file, in bytes.</param>
    public static PassCapacity For(ModelConfiguration configuration, int contextLength, long weightByteSize)
    {
        // Half of the limit is for the activations of the tokens, the other half for the logits.
        long limit = Math.Max(FreeByteSize, MaxShare * weightByteSize) / 2;
        long tokenByteSize = InferenceState.ByteSizeFor(configuration, ManyTokens, 0, 0) / ManyTokens, logitsByteSize = InferenceState.ByteSizeFor(configuration, 0, ManyTokens, 0) / ManyTokens;
        return new(
            (int)Math.Clamp(limit / tokenByteSize, 1, Math.Min(MaxTokenCount, contextLength)),
            (int)Math.Clamp(limit / logitsByteSize, 1, MaxLogitsCount));
    }
}
