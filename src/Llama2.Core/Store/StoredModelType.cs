namespace Llama2;

/// <summary>The kind of files of a model in the store.</summary>
public enum StoredModelType
{
    /// <summary>A GGUF file, or all parts of a split GGUF file.</summary>
    Gguf,

    /// <summary>A Hugging Face folder: configuration, tokenizer and safetensors files, or PyTorch files if the repository has no safetensors.</summary>
    Safetensors,

    /// <summary>A file of another kind, such as a tokenizer.</summary>
    Other,

    /// <summary>The files of a data set, or of one of its configurations, in the folders of its repository.</summary>
    Dataset,
}
