namespace Llama2.Architectures;

/// <summary>
/// The metadata keys under which GGUF files state the properties of a model; each begins with the name of the architecture. Immutable.
/// </summary>
/// <param name="architecture">The name of the architecture, such as <c>llama</c>.</param>
internal sealed class MetadataKeys(string architecture)
{
    public string ContextLength { get; } = $"{architecture}.context_length";

    public string EmbeddingLength { get; } = $"{architecture}.embedding_length";

    public string LayerCount { get; } = $"{architecture}.block_count";

    public string FeedForwardLength { get; } = $"{architecture}.feed_forward_length";

    public string VocabularySize { get; } = $"{architecture}.vocab_size";

    public string ExpertCount { get; } = $"{architecture}.expert_count";

    public string HeadCount { get; } = $"{architecture}.attention.head_count";

    public string KeyValueHeadCount { get; } = $"{architecture}.attention.head_count_kv";

    public string KeyLength { get; } = $"{architecture}.attention.key_length";

    public string ValueLength { get; } = $"{architecture}.attention.value_length";

    public string RmsNormEpsilon { get; } = $"{architecture}.attention.layer_norm_rms_epsilon";

    public string SlidingWindow { get; } = $"{architecture}.attention.sliding_window";

    public string IsCausal { get; } = $"{architecture}.attention.causal";

    public string AttentionScale { get; } = $"{architecture}.attention.scale";

    public string UsesParallelResidual { get; } = $"{architecture}.use_parallel_residual";

    public string RopeDimensionCount { get; } = $"{architecture}.rope.dimension_count";

    public string RopeTheta { get; } = $"{architecture}.rope.freq_base";

    public RopeScalingKeys Scaling { get; } = new(architecture);

    /// <summary>The keys of factors that only other kinds of models have; the value 1 has no effect.</summary>
    public IReadOnlyList<string> Scales { get; } = [$"{architecture}.logit_scale", $"{architecture}.residual_scale", $"{architecture}.embedding_scale"];

    /// <summary>The keys of limits and biases that only other kinds of models have; the value 0 means that there is no limit or bias.</summary>
    public IReadOnlyList<string> Limits { get; } =
    [
        $"{architecture}.attention.clamp_kqv", $"{architecture}.attention.max_alibi_bias", $"{architecture}.attn_logit_softcapping", $"{architecture}.final_logit_softcapping",
    ];
}
