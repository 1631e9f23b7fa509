namespace Llama2;

/// <summary>What a model in the store is made of.</summary>
public enum StoredModelType
{
    /// <summary>A GGUF file, or all files of one that is split.</summary>
    Gguf,

    /// <summary>A Hugging Face folder: configuration, tokenizer and safetensors files, or PyTorch's where the repository has no others.</summary>
    Safetensors,

    /// <summary>Another file, such as a tokenizer's.</summary>
    Other,
}
