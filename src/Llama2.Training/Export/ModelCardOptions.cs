namespace Llama2.Training;

/// <summary>Contents of a model card that the trainer does not know. Immutable.</summary>
public sealed record ModelCardOptions
{
    /// <summary>The card's title; null, the default, takes the base model's name.</summary>
    public string? Title { get; init; }

    /// <summary>
    /// The base model, preferably as Hugging Face's hub names it, such as <c>meta-llama/Llama-2-7b-hf</c>; null, the default, takes the name in its
    /// file.
    /// </summary>
    public string? BaseModel { get; init; }

    /// <summary>The license of the trained model, by Hugging Face's name for it; null, the default, names none.</summary>
    public string? License { get; init; }

    /// <summary>The report of reading the data; null (the default) omits it.</summary>
    public DatasetReport? Data { get; init; }

    /// <summary>The name of the data; null (the default) omits it.</summary>
    public string? DataName { get; init; }
}
