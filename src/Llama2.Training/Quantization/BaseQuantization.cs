namespace Llama2.Training;

/// <summary>How the frozen weights below adapters are kept in memory.</summary>
public enum BaseQuantization
{
    /// <summary>In the file's own formats.</summary>
    AsStored,

    /// <summary>
    /// The matrices of the layers in NF4 with double quantization, 4.127 bits a weight, whatever the file has (QLoRA, Dettmers et al. 2023, arXiv
    /// 2305.14314); embeddings, norms and output as the file has them. The adapter is learned over the rounded weights, and may run with the file's.
    /// </summary>
    Nf4,
}
