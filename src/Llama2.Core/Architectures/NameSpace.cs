namespace Llama2.Architectures;

/// <summary>A naming scheme of tensors.</summary>
internal enum NameSpace
{
    /// <summary>The names in GGUF files, which this library also uses internally.</summary>
    Gguf,

    /// <summary>The names that Hugging Face's transformers uses in safetensors and PyTorch files.</summary>
    HuggingFace,

    /// <summary>The names in the checkpoints that Meta published.</summary>
    Meta,
}
