namespace Llama2.Architectures;

/// <summary>In whose words a file names its tensors.</summary>
internal enum NameSpace
{
    /// <summary>GGUF's, which this library uses too.</summary>
    Gguf,

    /// <summary>Those of transformers, in safetensors and PyTorch's files.</summary>
    HuggingFace,

    /// <summary>Those of the checkpoints that Meta published.</summary>
    Meta,
}
