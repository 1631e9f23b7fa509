namespace Llama2;

/// <summary>What a model in the store is made of.</summary>
public enum StoredModelType
{
    /// <summary>A GGUF file, or all files of one that is split.</summary>
    Gguf,

    /// <summary>A Hugging Face folder: configuration, tokenizer and safetensors files, or PyTorch files if the repository has no safetensors.</summary>
    Safetensors,

    /// <summary>Another file, such as a tokenizer's.</summary>
    Other,
}
