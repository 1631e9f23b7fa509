namespace Llama2.Architectures;

/// <summary>A naming scheme of tensors.</summary>
internal enum NameSpace
{
    /// <summary>The names of GGUF files, which this library also uses itself.</summary>
    Gguf,

    /// <summary>The names of Hugging Face's transformers, in safetensors and PyTorch files.</summary>
    HuggingFace,

    /// <summary>The names in the checkpoints that Meta published.</summary>
    Meta,
}
