namespace Llama2.Training;

/// <summary>What a model card says that the trainer does not know. Immutable.</summary>
public sealed record ModelCardOptions
{
    /// <summary>The card's title; null, the default, takes the base model's name.</summary>
    public string? Title { get; init; }

    /// <summary>The base model, best as Hugging Face's hub names it, such as <c>meta-llama/Llama-2-7b-hf</c>; null, the default, takes the name in its file.</summary>
    public string? BaseModel { get; init; }

    /// <summary>The license of what was trained, by Hugging Face's name for it; null, the default, names none.</summary>
    public string? License { get; init; }

    /// <summary>What came of reading the data; null, the default, says nothing of it.</summary>
    public DatasetReport? Data { get; init; }

    /// <summary>What the data is called; null, the default, does not name it.</summary>
    public string? DataName { get; init; }
}
