namespace Llama2.Training;

/// <summary>How the frozen weights under adapters are kept in memory.</summary>
public enum BaseQuantization
{
    /// <summary>In the file's own formats.</summary>
    AsStored,

    /// <summary>
    /// The matrices of the layers in NF4 with double quantization, 4.127 bits a weight, whatever the file's formats are (QLoRA, Dettmers et al. 2023,
    /// arXiv 2305.14314); embeddings, norms and output keep the file's formats. The adapter is trained with the rounded weights, and may be used with
    /// the weights of the file.
    /// </summary>
    Nf4,
}
