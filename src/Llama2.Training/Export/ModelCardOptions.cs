namespace Llama2.Training;

/// <summary>Information that a model card may contain, but that the trainer itself does not have. Immutable.</summary>
public sealed record ModelCardOptions
{
    /// <summary>The card's title; null (the default) for the base model's name.</summary>
    public string? Title { get; init; }

    /// <summary>
    /// The base model, preferably by its name on Hugging Face's hub, such as <c>meta-llama/Llama-2-7b-hf</c>; null (the default) for the name in the
    /// model's file.
    /// </summary>
    public string? BaseModel { get; init; }

    /// <summary>
    /// Whether the card describes the model with the trained adapter merged into its weights, as <see cref="LlamaTrainer.SaveMergedModel"/> writes it,
    /// and not the adapter. False by default.
    /// </summary>
    public bool DescribeMergedModel { get; init; }

    /// <summary>How much of the adapter's change survived in the merged model; null (the default) if the card should not state it.</summary>
    public AdapterMergeReport? Merge { get; init; }

    /// <summary>
    /// The format, or mix of formats, of the weights of a merged or wholly trained model; null (the default) if the card should not state it.
    /// </summary>
    public ModelQuantization? Quantization { get; init; }

    /// <summary>The license of the trained model, by Hugging Face's name for it; null (the default) if the card should not name a license.</summary>
    public string? License { get; init; }

    /// <summary>The report of reading the data; null (the default) if the card should not describe the data.</summary>
    public DatasetReport? Data { get; init; }

    /// <summary>The name of the data; null (the default) if the card should not name the data.</summary>
    public string? DataName { get; init; }
}
