namespace Llama2.Training;

/// <summary>
/// The matrices that are trained as a whole together with an adapter's narrow matrices, and that are stored in the adapter (PEFT's <c>modules_to_save</c>).
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

    /// <summary>Both, which new tokens need.</summary>
    All = TokenEmbedding | Output,
}
