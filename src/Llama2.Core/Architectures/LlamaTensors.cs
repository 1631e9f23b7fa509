using static Llama2.Architectures.Dimension;

namespace Llama2.Architectures;

/// <summary>
/// The tensors of the Llama family. This is the only place that contains their names, their shapes and the rules for their treatment. All other code takes
/// these from here: the readers and writers of all formats, quantization mixes, adapters, training and checks.
/// </summary>
internal static class LlamaTensors
{
    public static TensorRole TokenEmbedding { get; } = new("token_embd.weight", "model.embed_tokens.weight", "tok_embeddings.weight", Vocabulary, Embedding)
    { TakesLora = true, Mix = MixRule.TokenEmbedding, Split = TensorSplit.ColumnsOrRows };

    public static TensorRole AttentionNorm { get; } = new("blk.*.attn_norm.weight", "model.layers.*.input_layernorm.weight", "layers.*.attention_norm.weight", One, Embedding)
    { Mix = MixRule.Vector };

    public static TensorRole Query { get; } = new("blk.*.attn_q.weight", "model.layers.*.self_attn.q_proj.weight", "layers.*.attention.wq.weight", Embedding, Embedding)
    { TakesLora = true, IsRotated = true, Split = TensorSplit.Rows };

    public static TensorRole Key { get; } = new("blk.*.attn_k.weight", "model.layers.*.self_attn.k_proj.weight", "layers.*.attention.wk.weight", KeyValue, Embedding)
    { TakesLora = true, IsRotated = true, Split = TensorSplit.Rows };

    public static TensorRole Value { get; } = new("blk.*.attn_v.weight", "model.layers.*.self_attn.v_proj.weight", "layers.*.attention.wv.weight", KeyValue, Embedding)
    { TakesLora = true, Mix = MixRule.Value, Split = TensorSplit.Rows };

    public static TensorRole AttentionOutput { get; } = new("blk.*.attn_output.weight", "model.layers.*.self_attn.o_proj.weight", "layers.*.attention.wo.weight", Embedding, Embedding)
    { TakesLora = true, WritesToResidual = true, Mix = MixRule.AttentionOutput, Split = TensorSplit.Columns };

    public static TensorRole FeedForwardNorm { get; } = new("blk.*.ffn_norm.weight", "model.layers.*.post_attention_layernorm.weight", "layers.*.ffn_norm.weight", One, Embedding)
    { Mix = MixRule.Vector };

    public static TensorRole Gate { get; } = new("blk.*.ffn_gate.weight", "model.layers.*.mlp.gate_proj.weight", "layers.*.feed_forward.w1.weight", FeedForward, Embedding)
    { TakesLora = true, Split = TensorSplit.Rows };

    public static TensorRole Up { get; } = new("blk.*.ffn_up.weight", "model.layers.*.mlp.up_proj.weight", "layers.*.feed_forward.w3.weight", FeedForward, Embedding)
    { TakesLora = true, Split = TensorSplit.Rows };

    public static TensorRole Down { get; } = new("blk.*.ffn_down.weight", "model.layers.*.mlp.down_proj.weight", "layers.*.feed_forward.w2.weight", Embedding, FeedForward)
    { TakesLora = true, WritesToResidual = true, Mix = MixRule.Down, Split = TensorSplit.Columns };

    public static TensorRole OutputNorm { get; } = new("output_norm.weight", "model.norm.weight", "norm.weight", One, Embedding)
    { Mix = MixRule.Vector };

    /// <summary>The output matrix. Missing in models that use the token embedding table as the output matrix.</summary>
    public static TensorRole Output { get; } = new("output.weight", "lm_head.weight", "output.weight", Vocabulary, Embedding)
    { IsOptional = true, TakesLora = true, Mix = MixRule.Output, Split = TensorSplit.Rows };

    /// <summary>
    /// The divisors of the rotary frequencies, one for each pair of elements of a head; most models have no such tensor. In Hugging Face's models,
    /// the divisors follow from the configuration.
    /// </summary>
    public static TensorRole RopeFrequencyFactors { get; } = new("rope_freqs.weight", null, null, One, RotaryPairs)
    { IsOptional = true, Mix = MixRule.Vector };

    /// <summary>All tensors, in the order in which files store them.</summary>
    public static TensorRoles All { get; } = new(
        TokenEmbedding, AttentionNorm, Query, Key, Value, AttentionOutput, FeedForwardNorm, Gate, Up, Down, OutputNorm, Output, RopeFrequencyFactors);

    /// <summary>
    /// Whether a name belongs to a tensor with rotary frequencies, which old converters stored. The frequencies follow from the configuration, so the
    /// tensor is not read.
    /// </summary>
    /// <param name="space">The naming scheme of the name.</param>
    /// <param name="name">The name.</param>
    public static bool IsRotaryFrequencies(NameSpace space, string name) => space switch
    {
        NameSpace.Gguf => name.EndsWith(".attn_rot_embd", StringComparison.Ordinal),
        NameSpace.HuggingFace => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal),
        _ => name == "rope.freqs" || name.EndsWith(".rope.freqs", StringComparison.Ordinal),
    };
}
