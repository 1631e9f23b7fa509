namespace Llama2.Training;

/// <summary>
/// The tensors that are trained as a whole together with an adapter's narrow matrices, and that are stored in the adapter (PEFT's <c>modules_to_save</c>).
/// </summary>
[Flags]
public enum SavedModules
{
    /// <summary>None: only narrow matrices are trained.</summary>
    None = 0,

    /// <summary>The token embeddings (<c>embed_tokens</c>).</summary>
    TokenEmbedding = 1,

    /// <summary>The output matrix (<c>lm_head</c>). If it shares the embeddings, it is trained separately from them.</summary>
    Output = 2,

    /// <summary>The embeddings and the output matrix, which have a row for each token; new tokens need both.</summary>
    TokenMatrices = TokenEmbedding | Output,

    /// <summary>The norm before attention of each layer (<c>input_layernorm</c>).</summary>
    AttentionNorm = 4,

    /// <summary>The norm before the feed-forward network of each layer (<c>post_attention_layernorm</c>).</summary>
    FeedForwardNorm = 8,

    /// <summary>The norm before the output matrix (<c>model.norm</c>).</summary>
    OutputNorm = 16,

    /// <summary>All norms, as PEFT understands the name <c>norm</c>.</summary>
    Norms = AttentionNorm | FeedForwardNorm | OutputNorm,

    /// <summary>All of these tensors.</summary>
    All = TokenMatrices | Norms,
}
