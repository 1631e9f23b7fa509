namespace Llama2.Training;

/// <summary>How the frozen weights under adapters are kept in memory.</summary>
public enum BaseQuantization
{
    /// <summary>In the file's own formats.</summary>
    AsStored,

    /// <summary>
    /// The matrices of the layers are converted from any format to NF4 with double quantization, 4.127 bits per weight (QLoRA, Dettmers et al. 2023,
    /// arXiv 2305.14314). Embeddings, norms and the output matrix keep the file's formats. The adapter is trained with the rounded weights, but may
    /// be used with the weights of the file.
    /// </summary>
    Nf4,
}
