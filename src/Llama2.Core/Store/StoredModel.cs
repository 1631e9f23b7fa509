namespace Llama2;

/// <summary>A model that was pulled into a store, completely or in part. Immutable and thread-safe.</summary>
public sealed record StoredModel
{
    /// <summary>The name under which the model is found, including its file: <c>owner/repository:file</c>.</summary>
    public required LlamaModelReference Reference { get; init; }

    /// <summary>
    /// The path from which the model is loaded: its file, the first part of a split file, or the folder of a
    /// <see cref="StoredModelType.Safetensors"/> model or of a data set.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The kind of the model's files.</summary>
    public required StoredModelType Type { get; init; }

    /// <summary>The size of all files of the model in bytes.</summary>
    public required long ByteSize { get; init; }

    /// <summary>The commit of the repository from which the model was pulled.</summary>
    public required string Commit { get; init; }

    /// <summary>When the model was last marked as used or, if it never was, when it was pulled.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>
    /// Whether all files of the model are present. A file is present only if its hash was right when it was pulled. Files may be missing after a pull
    /// that was interrupted.
    /// </summary>
    public required bool IsComplete { get; init; }
}
