namespace Llama2.Model;

/// <summary>
/// How many tokens a forward pass takes at once, and for how many it computes logits. Normally as many as are good for speed, as long as the activations between
/// the steps stay small compared with the weights. A small file could claim layers so wide that activations would take hundreds of times its size.
/// </summary>
/// <param name="TokenCount">Most tokens of a batch.</param>
/// <param name="LogitsCount">Most tokens of a batch whose logits are wanted.</param>
internal readonly record struct PassCapacity(int TokenCount, int LogitsCount)
{
    /// <summary>Tokens of a pass: enough to read each weight from the cache many times, few enough to cancel and to share.</summary>
    public const int MaxTokenCount = 256;

    /// <summary>Logits of a pass.</summary>
    public const int MaxLogitsCount = 64;

    // Activations of published models take a hundredth to a tenth of their weights' size; small models have this much free.
    private const long FreeByteSize = 8 << 20;
    private const int MaxShare = 2;

    // Whole tiles of tokens, whatever a tile's width.
    private const int ManyTokens = 960;

    /// <summary>Chooses for a model.</summary>
    /// <param name="configuration">The model's shape.</param>
    /// <param name="contextLength">The maximum number of tokens of a sequence.</param>
    /// <param name="weightByteSize">Bytes of its weights in its file.</param>
    public static PassCapacity For(ModelConfiguration configuration, int contextLength, long weightByteSize)
    {
        // One half is for the tokens, the other for the logits.
        long limit = Math.Max(FreeByteSize, MaxShare * weightByteSize) / 2;
        long tokenByteSize = InferenceState.ByteSizeFor(configuration, ManyTokens, 0, 0) / ManyTokens, logitsByteSize = InferenceState.ByteSizeFor(configuration, 0, ManyTokens, 0) / ManyTokens;
        return new(
            (int)Math.Clamp(limit / tokenByteSize, 1, Math.Min(MaxTokenCount, contextLength)),
            (int)Math.Clamp(limit / logitsByteSize, 1, MaxLogitsCount));
    }
}
