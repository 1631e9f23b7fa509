namespace Llama2.Architectures;

/// <summary>In whose words a file names its tensors.</summary>
internal enum NameSpace
{
    /// <summary>The names of GGUF, which this library also uses itself.</summary>
    Gguf,

    /// <summary>The names of transformers, in safetensors and PyTorch files.</summary>
    HuggingFace,

    /// <summary>The names of the checkpoints that Meta published.</summary>
    Meta,
}
