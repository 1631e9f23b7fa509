namespace Llama2.Architectures;

/// <summary>The metadata keys of an adapter, as <c>convert_lora_to_gguf.py</c> of llama.cpp writes them.</summary>
internal static class AdapterKeys
{
    /// <summary>The kind of adapter; this library reads only <c>lora</c>.</summary>
    public const string Type = "adapter.type";

    /// <summary>LoRA's alpha: the product of the two matrices is multiplied by alpha / rank.</summary>
    public const string LoraAlpha = "adapter.lora.alpha";

    /// <summary>How the adapter was trained: the JSON text of <see cref="AdapterTrainingRecord"/>s. A key of this library.</summary>
    public const string TrainingRecords = "llama2.training.records";

    /// <summary>The tokens after which an activated LoRA (aLoRA) is applied.</summary>
    public const string InvocationTokens = "adapter.alora.invocation_tokens";

    /// <summary>
    /// The texts of the tokens that the adapter adds to the model's vocabulary, in the order of their ids. GGUF has no key for them. An adapter with new tokens
    /// also has whole tensors with rows for them, which llama.cpp refuses.
    /// </summary>
    public const string AddedTokens = "adapter.added_tokens";

    /// <summary>
    /// Before the name of a model's tensor: the tokens whose rows the adapter replaces. The rows are in a tensor whose name ends in <see cref="RowsSuffix"/>. GGUF
    /// has no key for them.
    /// </summary>
    public const string RowsPrefix = "adapter.rows.";

    /// <summary>After the name of a model's tensor: the rows that replace some of its rows.</summary>
    public const string RowsSuffix = ".rows";

    /// <summary>The types of the added tokens, with the numbers of <c>tokenizer.ggml.token_type</c>.</summary>
    public const string AddedTokenTypes = "adapter.added_token_types";
}
